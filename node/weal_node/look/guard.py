"""What never becomes a line, a card or a pair: death, illness, grief, debt, breakups, sex, self-harm. By words, on everything that is shown.

Too much is left out rather than too little. Words that mean something else in a trade are taken out first.
"""

import re

from weal_node.look.notes import wordset

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# What a cook, a developer or a student writes without meaning it: taken out before words are looked at.
HARMLESS = (
    "technical debt", "tech debt", "design debt", "dead code", "dead link", "dead links", "dead end", "dead ends", "dead letter", "dead weight",
    "dead simple", "dead keys", "dead lift", "drop dead", "dead sea", "dead reckoning", "dead poets society", "die cut", "die casting",
    "to die for", "dying to try", "dying to see", "sexual reproduction", "sick of", "bleeding edge", "kill switch",
    "pain au chocolat", "pain de campagne", "pain de mie", "pain au levain", "pain points", "pain point", "clinical trial design", "panic button", "kernel panic", "do not panic", "don't panic", "great depression", "tropic of cancer",
    "interlibrary loan", "library loan", "on loan", "naked eye", "loan words", "sober living", "rate limit abuse", "sick leave policy",
)  # fmt: skip
WORDS = wordset(
    """
    died dies dying death deaths dead deceased funeral funerals burial buried cremation cremated coffin grave graveside gravestone obituary
    widow widower hospice morgue mortuary eulogy bereaved bereavement grief grieve grieving grieved mourn mourning mourned condolence
    condolences suicide suicidal suicides overdose overdosed euthanasia selfharm cancer tumour tumor tumours tumors leukaemia leukemia lymphoma
    metastasis metastases chemo chemotherapy radiotherapy oncologist oncology biopsy diagnosis diagnosed diagnoses terminal-illness dementia
    alzheimer alzheimers parkinson parkinsons seizure seizures epilepsy diabetes hospital hospitals hospitalised hospitalized surgery surgeon
    ambulance icu illness illnesses disease diseases sick sickness unwell ill miscarriage miscarried stillborn abortion infertility ivf hiv aids
    depressed depression depressive antidepressant antidepressants anxiety anxious ptsd trauma traumatic traumatised traumatized bipolar
    psychosis psychotic schizophrenia therapist therapists therapy psychiatrist psychiatric psychologist psychotherapy medication medications
    meds sertraline prozac zoloft burnout bulimia anorexia anorexic addict addicted addiction alcoholic alcoholism rehab relapse relapsed sober
    drunk drugs abuse abused abusive abuser assault assaulted rape raped molested violence violent debt debts indebted overdraft bankrupt
    bankruptcy insolvent insolvency foreclosure eviction evicted bailiff bailiffs creditor creditors payday loan loans repossessed arrears
    gambling divorce divorced divorcing breakup breakups custody cheated cheating affair affairs heartbroken heartbreak exboyfriend exgirlfriend
    sex sexual sexually sexy porn pornography naked nude erotic orgasm libido masturbate masturbating masturbation fetish kink hopeless
    worthless suicidality despair crying cried sobbing sobbed lonely loneliness lawsuit arrested prison jail selbstmord suizid gestorben sterben
    stirbt tot tod tote todes beerdigung trauer trauern trauere begräbnis krebs tumor krankheit krank krankenhaus depression depressionen
    depressiv schulden insolvenz trennung scheidung geschieden nackt sexuell therapie therapeut therapeutin mort morte décès deuil obsèques
    enterrement cancer suicide dette dettes divorce rupture hôpital maladie dépression muerte muerto muerta murió funeral duelo cáncer suicidio
    memorial ashes nursing migraine migraines pain painful flu fever covid infection antibiotics symptom symptoms doctor doctors clinic nurse
    sobriety pills unfaithful condom condoms tinder lover mri
    deuda deudas divorcio hospital enfermedad depresión luto
    """
)
PHRASES = (
    "to die", "will die", "might die", "would die", "could die", "we die", "i die", "they die", "he dies", "she dies", "care home", "scan results", "miss him", "miss her",
    "miss mum", "miss mom", "miss dad", "maxed out", "minimum payment", "final notice", "in the red", "owe him money", "owe her money", "owe them money", "she left", "he left",
    "it's over", "we're over", "no way out", "want it to stop", "want to be here", "hook up", "hooked up", "in bed with", "stop drinking", "quit drinking", "drinking too much",
    "give up", "giving up", "gave up", "kill myself", "killing myself", "hurt myself", "hurting myself", "harm myself", "self harm", "cut myself",
    "cutting myself", "hate myself", "end it all", "end my life", "end it", "can't go on", "cannot go on", "no point", "want to disappear", "wish i was never",
    "not be here", "pass away", "passed away", "passing away", "lost my", "lost our", "lost her", "lost him", "losing him", "losing her",
    "broke up", "break up", "breaking up", "broken up", "split up", "left me", "leave him", "leave her", "my ex", "can't afford", "cannot afford",
    "owe money", "owe the bank", "credit card bill", "late payment", "rest in peace", "in memoriam", "last will", "blood test", "blood tests",
    "test results", "side effects", "doctor said", "doctor's appointment", "heart attack", "heart failure", "panic attack", "panic attacks", "eating disorder",
    "sleep with", "slept with", "sleeping with", "make love", "one night stand", "no longer with us", "without mum", "without mom", "without dad",
    "out of money", "behind on rent", "behind on the rent", "i am falling apart", "i'm falling apart", "had a stroke", "dumped me", "we separated", "separated from my",
    "panicked", "breaking down crying", "do not want to live", "don't want to live", "want to die", "wanted to die",
)  # fmt: skip
STEMS = (
    "suicid",
    "depress",
    "griev",
    "chemo",
    "cancer",
    "psychiatr",
    "antidepress",
    "funeral",
    "bankrupt",
    "divorc",
    "miscarr",
    "masturbat",
    "porn",
)


def tender(*texts: str) -> bool:
    """Whether any of these texts touches what is never put to the person."""
    return any(map(hits, texts))


def hits(text: str) -> int:
    """Return how many words and phrases of a text do."""
    words = [word.replace("’", "'") for word in _WORD.findall(text.casefold())]
    if not words:
        return 0
    running = f" {' '.join(words)} "
    for phrase in HARMLESS:
        if f" {phrase} " in running:
            running = running.replace(f" {phrase} ", "  ")
    found = sum(f" {phrase} " in running for phrase in PHRASES)
    for word in running.split():
        plain = word.removesuffix("'s")
        found += plain in WORDS or plain.startswith(STEMS)
    return found
