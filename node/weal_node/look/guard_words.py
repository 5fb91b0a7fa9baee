"""The words of the guard, as tables: single words, beginnings of words, runs of words, and what is harmless in spite of them.

English first, German, French and Spanish where the same thing has a word that means little else. Chosen by hand, decision 0047.
"""

from weal_node.look.notes import wordset

# What a cook, a developer or a student writes without meaning it: taken out before words are looked at.
HARMLESS = """
technical debt|tech debt|design debt|cognitive debt|dead code|dead link|dead links|dead end|dead ends|dead letter|dead letters|dead weight|dead simple|dead keys
dead key|dead lift|dead lifts|dead hang|dead hangs|dead man's switch|dead easy|dead good|drop dead|dead sea|dead reckoning|dead poets society|dead heat|dead on time
day of the dead|left for dead|battery is dead|battery dead|dead battery|dead pixel|dead pixels|dead wood|dead leaves|dead heading|dead languages|dead language|die cut
die casting|to die for|dying to try|dying to see|dying to eat|dying to read|dying to know|dying to go|dying to meet|dying to visit|dying to hear|sexual reproduction
sick of|bleeding edge|kill switch|pain au chocolat|pain de campagne|pain de mie|pain au levain|pain perdu|pain points|pain point|du pain|le pain|un pain|clinical trial design
panic button|kernel panic|do not panic|don't panic|great depression|tropic of cancer|interlibrary loan|library loan|on loan|naked eye|loan words|loan word|sober living
rate limit abuse|sick leave policy|tote bag|tote bags|tote board|current affairs|state of affairs|foreign affairs|war memorial|wood ashes|wood ash|accent grave|book lover
music lover|cheese lover|dog lover|fail2ban jail|freebsd jail|bsd jail|cabin fever|gold fever|crying shame|crying out loud|in bed with a book|in bed with tea
give up coffee|give up sugar|give up meat|give up smoking|give up caffeine|give up cheese|give up bread|give up social media|give up instagram|give up twitter|give up crisps
give up chocolate|give up dairy|give up my phone|give up the car|give up alcohol for january|gave up coffee|gave up sugar|giving up coffee|giving up sugar|lump sum|lump of
lumps of|no lumps|sugar lump|lump sugar|lumps out|water treatment|surface treatment|death by chocolate|death metal|death star|life and death of|thread death|heat death
death stranding|death valley|dead tired|dead drop|sudden death|red letter day|memory care|writing clinic|knife clinic|bike clinic|code clinic|doctor who
spin doctor|spin the doctor|dr martens|dr who|dr oetker|ward off|final notice board|statement balance|balance sheet|out of office|lost my place|lost my keys|lost my train of thought
lost my pen|lost my way|lost our way|lost our keys|no point in|end it with|end it there|the executor service|thread executor|executor pool|task executor|executor service
estate agent|estate agents|real estate|housing estate|estate car|council estate|memory leak|memory leaks|garbage collector|tax collector|toll collector
break up the|break up into|break up a|breaking up the|breaking up a|split up the|split up into|split up a|separated by|tumor suppressor|ill advised|ill typed|ill formed
anxiety of influence|bug triage|orphan process|orphan processes|orphaned notes|orphan notes|orphan page|hook up the|hook up a|hooked up the|hooked up a
fatal error|mortal kombat|suicide squad|doctor strange|custody of the keys|chain of custody|clean room|side effects of functions|pure side effects
"""

# The same, by form; on text in lower case.
HARMLESS_FORMS = (
    r"\bdead (?:disks?|drives?|tuples?|rows?|process(?:es)?|nodes?|servers?|pods?|threads?|branch(?:es)?|urls?|laptop|phone|plants?|slugs?|seeds?|stone|stock|air|money|time|line|centre|center|space|zone|spots?)\b",
    r"\btree surgeons?\b|\b(?:disk|drive|card|laptop|phone|server|battery|boiler|bike|car|engine|website|site|blog|plants?|process|pod|worker|connection|router|fridge|oven|fan|light|thread|project|town|market"
    r"|january|february|august|mondays?|basil|seedlings?|yeast|starter|slugs?|tomatoes|bees|leeks)(?: (?:has|have|had|all|just|is|are|was|were|again))* (?:died|dead|dies)\b",
    r"\b(?:nobody|no one|no-one) died\b|\bdied with a website\b|\bdied (?:laughing|on me)\b|\bdying to \w+|\b(?:nearly|almost|gave me|having) (?:had )?a heart attack\b|\bsmells? (?:like|of) (?:a )?hospital\b",
    r"\b(?:module|code|codebase|build|tests?|docs?|documentation|schema|design|parser|service|repo|legacy|platform|infrastructure|engineering|billing|security|process|sleep|data)(?:'s)? (?:\w+ )?debts?\b|\bdebts? (?:in|of) (?:the|our) (?:\w+ )?(?:code|module|parser|build|tests?|schema)\b",
    r"\b(?:du|le|un|bon|mon|ce|petit|au|ton) pain\b|\bpain (?:au|aux|de|perdu|complet|maison|noir|blanc|frais)\b|\blonely (?:ones|notes?|pages?|planet)\b|\bsymptoms?:|\bgiv(?:e|ing) up (?:coffee|sugar|meat|smoking|caffeine|cheese|bread|butter|chocolate|crisps|sweets|dairy|wheat|gluten|caffeine|tv|netflix|instagram|twitter|social|news|my (?:phone|car|seat|desk))\b",
    r"\bgave up (?:coffee|sugar|meat|smoking|caffeine|cheese|bread|chocolate|dairy)\b|\b(?:trained|school|night|pet|wet|tree) nurses?\b|\b(?:apple|potato|software|plant|computer|tomato) (?:disease|virus|infection)s?\b",
)

WORDS = wordset(
    """
    bruises cpoms ehpad heimplatz kurzzeitpflege velatorio esquela pésame condolencias condoléances décédé décédée exfreund exfreundin exmann exfrau exmarido exmujer
    ruptura custodia
    died dying death deaths dead deceased funeral funerals burial buried cremation cremated crematorium coffin graveside gravestone headstone tombstone
    obituary cemetery graveyard widow widower widowed hospice morgue mortuary eulogy bereaved bereavement grief grieve grieving grieved mourn mourning
    mourned condolence condolences wreath stillbirth probate intestate
    suicide suicidal suicides overdose overdosed euthanasia selfharm cancer tumour tumor tumours tumors leukaemia leukemia lymphoma
    metastasis metastases chemo chemotherapy radiotherapy oncologist oncology biopsy benign malignant mammogram colonoscopy ultrasound diagnosis diagnosed
    diagnoses terminal-illness dementia alzheimer alzheimers parkinson parkinsons seizure seizures epilepsy diabetes insulin hospital hospitals hospitalised
    hospitalized surgery surgeon ambulance icu illness illnesses disease diseases miscarriage miscarried stillborn abortion infertility
    ivf hiv aids   pregnant lump lumps palliative morphine cyst pneumonia coma ventilator carer carers
    depressed depression depressive antidepressant antidepressants ptsd trauma traumatic traumatised traumatized bipolar
    psychosis psychotic schizophrenia therapist therapists psychiatrist psychiatric psychologist psychotherapy counselling counseling counsellor medication
    medications meds sertraline citalopram fluoxetine prozac zoloft burnout bulimia anorexia anorexic addict addicted addiction alcoholic alcoholism rehab relapse
    relapsed drugs abuse abused abusive abuser assault assaulted rape raped molested violence violent safeguarding
    debt debts indebted overdraft overdrawn bankrupt bankruptcy insolvent insolvency foreclosure eviction evicted bailiff bailiffs creditor creditors payday
 repossessed arrears instalment instalments stepchange  pawnshop
    divorce divorced divorcing breakup breakups custody alimony cheated cheating heartbroken heartbreak exboyfriend exgirlfriend
    sex sexual sexually sexy porn pornography erotic orgasm libido masturbate masturbating masturbation fetish kink hopeless
    worthless suicidality despair loneliness lawsuit arrested prison jail
 clinic sobriety pills unfaithful condom condoms tinder mri
    selbstmord suizid gestorben sterben stirbt tot tod tote todes todestag beerdigung bestattung bestatter trauer trauern trauere trauerfeier begräbnis friedhof
    grabstein beileid beileidskarte kondolenz sterbeurkunde nachlass nachlassgericht erbschein erbe testament hinterbliebene witwe witwer hospiz krebs
    krankheit krankenhaus krankenhauses       befund überweisungsschein mrt chemotherapie demenz pflegegrad pflegeheim
    pflegestufe patientenverfügung tabletten antidepressiva depressionen depressiv schulden schuldnerberatung überschuldet mahnung mahnungen mahnbescheid inkasso
    gerichtsvollzieher pfändung insolvenz dispo ratenzahlung privatinsolvenz trennung scheidung geschieden scheidungsanwalt sorgerecht unterhalt fehlgeburt
    abtreibung nackt sexuell therapie therapeut therapeutin verzweifelt jugendamt
    mort morte décès deuil obsèques enterrement cimetière veuf veuve suicide dette dettes surendettement huissier impayé impayés divorce rupture
    hôpital maladie dépression  ordonnance irm notaire
    muerte muerto muerta murió falleció fallecido funeral entierro cementerio tumba duelo viuda viudo cáncer suicidio deuda deudas divorcio hospital
    enfermedad depresión luto  pastillas herencia notaría soledad
    """
)

# What holds back its line and those beside it, but does not make a short note one about it.
MILD = wordset(
    """
    klinik arzt ärztin hausarzt hausärztin arzttermin médecin médico gp gp's gambling flu fever covid infection antibiotics migraine migraines sick sickness ill unwell drunk cry crying cried sobbing sobbed nursing nurse pain painful loan
    loans lonely naked nude doctor doctors symptom symptoms anxious anxiety sober therapy memorial ashes affair affairs lover krank einsam
    """
)

PHRASES = """
ate nothing|eaten nothing|skip meals|skipping meals|make myself sick|count calories|counting calories|period is late|missed period|morning after pill|laid off|got sacked|made redundant
lose my job|drinking again|drinks again|his drinking|her drinking|smelled of drink|hit me|hits me|shouts at me|afraid of him|scared of him|afraid of her|restraining order|social worker
social workers|foster care|at risk register|early help|who is going to tell him|when they tell him|when they tell her|has weeks|months to live|weeks to live|it has spread|keep him comfortable
keep her comfortable|sort his clothes|sort her clothes|clear his room|clear her room|clear out his|clear out her|wir sind getrennt|sich getrennt|schluss mit|garde des enfants|pension alimentaire
residencia de ancianos|maison de retraite|lo dejamos|hemos roto|nous avons rompu|on a rompu
to die|will die|might die|would die|could die|we die|i die|they die|he dies|she dies|dies of|who dies|the grave|his grave|her grave|a grave|dad's grave|mum's grave|pass away
passed away|passing away|lost our|lost her|lost him|losing him|losing her|lost the baby|rest in peace|in memoriam|last will|no longer with us|without mum|without mom
without dad|miss him|miss her|miss mum|miss mom|miss dad|miss papa|would have been his birthday|would have been her birthday|year without|since the funeral
death certificate|copies of the certificate|certificate copies|his things|her things|their things|his clothes|her clothes|his contract|her contract|his phone contract
her phone contract|his account|her account|his pension|her pension|his estate|her estate|executor of|the executor|the registrar|power of attorney|
care home|nursing home|memory clinic|scan results|blood results|biopsy results|test results|blood test|blood tests|blood pressure|ct scan|pet scan|mri scan|smear test
the scan|my scan|his scan|her scan|second opinion|side effects|doctor said|doctor's appointment|the ward|ward 1|ward 2|ward 3|ward 4|ward 5|ward 6|ward 7|ward 8
heart attack|heart failure|had a stroke|panic attack|panic attacks|eating disorder|the tablets|his tablets|her tablets|my tablets|tablets since|mg since|the treatment|her treatment
his treatment|my treatment|treatment stopped|visiting hours|while she can|while he can|while she still can|while he still can|while they still can|pregnancy test|the results came
asked the same thing twice|asked it twice|doesn't know me|didn't recognise|not well enough|weigh myself|calories today|skip dinner again
maxed out|minimum payment|minimum payments|min payment|final notice|final demand|in the red|red letter|red letters|owe him money|owe her money|owe them money|owe money|owe the bank
credit card bill|credit card debt|late payment|late payments|out of money|behind on rent|behind on the rent|behind with the rent|pay plan|payment plan
repayment plan|citizens advice|debt advice|the bank rang|bank rang|bank called|bank wrote|letter from the bank|letters from the bank|one from the bank|pay off the card|off the card|the card takes|unopened|card 1|card 2|card a|card b|collection agency|debt collector|
open the letters|haven't opened|lent me money|borrow money|not been paid
rote zahlen|in den miesen|rate nicht|kann nicht zahlen|letzte mahnung|fin de mois|números rojos
she left|he left|left me|leave him|leave her|it is over between|we're over|broke up|break up|breaking up|broken up|split up|my ex|my ex's|ex husband|ex wife|ex boyfriend
ex girlfriend|dumped me|we separated|separated from my|time apart|some time apart|trial separation|couples therapy|who keeps the house|who keeps the flat|kids half the time|what is whose
whose is what|from his mother's|at his mother's|from her mother's|she moves out|he moves out|asked me to move out|separate bedrooms|slept on the sofa|sleeps on the sofa|haven't touched|ate separately
want you back|stop loving|still love him|still love her|getting married in|schluss gemacht|hat mich verlassen|ausgezogen ist|meine ex|mein ex|mi ex|mon ex|me dejó|m'a quitté|m'a quittée
no way out|want it to stop|want to be here|want to not be here|i'd rather not be|give up|giving up|gave up|kill myself|killing myself|hurt myself|hurting myself|harm myself|self harm
cut myself|cutting myself|hate myself|end it all|end my life|end it|can't go on|cannot go on|no point|want to disappear|like to disappear|just disappear
simply disappear|wish i was never|not be here|stop existing|better off without me|go on without me|nobody would notice|no one would notice|nobody would miss|nobody would need to know
stop turning up|not wake up|never wake up|have it all be over|all be over|be over quietly|want to sleep forever|sleep for a year|too tired to be|tired of being|tired of everything
tired of myself|can't do this anymore|can't do this any more|cannot do this any more|can't get out of bed|couldn't get out of bed|could not get out of bed|could not do anything|walk into the sea
walk into the river|what's wrong with me|what is wrong with me|want my life back|i am falling apart|i'm falling apart|panicked
breaking down crying|do not want to live|don't want to live|want to die|wanted to die|is it worth it at all|nicht mehr da sein|nicht mehr aufwachen
nicht mehr leben|nicht mehr weiter|kann nicht mehr|einfach verschwinden|keinen sinn|ohne mich weiter|no puedo más|no quiero estar|desaparecer sin|plus envie de|disparaître sans|je n'en peux plus
hook up|hooked up|in bed with|sleep with|slept with|sleeping with|make love|one night stand|stop drinking|quit drinking|drinking too much|drank alone|bottle a night|empties out|come out to
told nobody|nobody to know|told no one|doesn't know about|does not know about|until it's known|keep it from|social services|child protection
the cough|dad's cough|call the doctor
"""

MILD_PHRASES = """
it's over|for me only|can't afford|cannot afford|can't pay|cannot pay|couldn't pay|lost my|miss you
"""

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
    "oncolog",
    "palliat",
    "mammogra",
    "krebs",
    "selbstm",
    "beerdig",
    "bestatt",
    "schuldn",
    "trauer",
    "sterb",
    "verstorb",
    "kondol",
    "suizid",
    "mahnung",
    "inkasso",
    "pfänd",
    "onkolog",
    "psychother",
    "falleci",
    "dement",
    "demenz",
    "alzheim",
)

# A note or a folder that is called so is kept; a note that is called so, but not a folder of invoices.
KEPT_FOLDERS = wordset("private privat privado privada privé privée secret secrets geheim secreto")
KEPT_NOTES = KEPT_FOLDERS | wordset(
    "nights lump owing owed debts us grief therapy tablets money geld argent dinero bills rechnungen"
)
