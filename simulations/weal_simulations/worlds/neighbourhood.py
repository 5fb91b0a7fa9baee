"""What people of a made-up neighbourhood write: questions, what answers them, what only looks as if it did; needs and offers.

Written by hand, so that an answer shares few words with its question, and a lookalike shares its subject or its words and does
not answer it. `named` (planted_questions.py) makes the
opposite: a made-up name that both share, among many of its like.
"""

# question, answer, lookalike
TOPICS: tuple[tuple[str, str, str], ...] = (
    (
        "How do I stop slugs eating my lettuce?",
        "Copper tape around the beds keeps snails off the salad.",
        "Lettuce was two for one at the market, so we ate salad all week.",
    ),
    (
        "Why does my bread come out so dense?",
        "A loaf stays heavy when the dough has not risen long enough; give the yeast a whole night.",
        "Dense bread is what my grandfather called his jokes.",
    ),
    (
        "Who can tell me how to get my landlord to fix the heating?",
        "A tenant may withhold part of the rent when a flat stays cold; write a formal letter first.",
        "My landlord has a boat and tells everyone how he got it.",
    ),
    (
        "How can I help my son with his fear of the dark?",
        "A small night light and the same story every evening calmed our daughter at bedtime.",
        "My son helped me paint the cellar, dark blue.",
    ),
    (
        "What can be done about mice in the pantry?",
        "Steel wool in the gaps behind the shelves, and rodents stay out of the larder.",
        "The pantry has what can be called a view.",
    ),
    (
        "How do I keep my knees from hurting when I run?",
        "Shorter strides and softer ground took the strain off my joints on long jogs.",
        "I run the shop on Mondays and my knees know it.",
    ),
    (
        "Is there a way to dry laundry in winter without mould?",
        "Hang wet clothes in the attic with the window ajar; moisture leaves and no fungus comes.",
        "In winter there is a way through the woods to the laundry.",
    ),
    (
        "How can our choir find a conductor?",
        "The music school's graduates look for ensembles to lead; pin a note to their board.",
        "The choir found the conductor of the tram very patient.",
    ),
    (
        "What helps a newcomer to learn the language quickly?",
        "An hour over coffee with a native speaker each week did more for my vocabulary than classes.",
        "Newcomers quickly learn which bakery is best.",
    ),
    (
        "How do I get wax out of a tablecloth?",
        "Iron candle stains through brown paper and the linen comes clean.",
        "Our tablecloth has seen candles and wax figures.",
    ),
    (
        "Why do my tomato leaves turn yellow?",
        "Foliage that loses its green from below lacks nitrogen; feed the plants with nettle brew.",
        "Tomato soup with yellow peppers turns out sweet.",
    ),
    (
        "How do we get cars to slow down on our street?",
        "Planters set alternately on both sides of a road calm traffic better than any sign.",
        "On our street cars are washed on Saturdays.",
    ),
    (
        "How can I sleep when the neighbours are noisy?",
        "Earplugs made of silicone let me rest through every party upstairs.",
        "The neighbours sleep at noon, which can be noisy too.",
    ),
    (
        "What should I plant where nothing gets sun?",
        "Ferns and hostas thrive in full shade behind our shed.",
        "We should plant the flag where everyone gets a look at it.",
    ),
    (
        "How do I fix a dripping tap?",
        "A worn rubber washer is what makes a faucet leak; a new one costs pennies.",
        "The tap dance class meets in the dripping cellar.",
    ),
    (
        "Where can teenagers go in the evening here?",
        "The youth club by the station opens its doors to adolescents until ten at night.",
        "In the evening the teenagers of the swallows learn to fly.",
    ),
    (
        "How can I save on my electricity bill?",
        "An old fridge burns more power than all lamps together; replacing ours halved the costs.",
        "Bill can save you a seat, he is electric tonight.",
    ),
    (
        "What is good against loneliness after retirement?",
        "Pensioners who eat lunch together on Wednesdays at the parish hall say it gives the week a shape.",
        "After his retirement party he was good and tired.",
    ),
    (
        "How do I sharpen a kitchen knife?",
        "Draw the blade along a wet stone at twenty degrees until a burr forms.",
        "A sharp tongue is a kitchen's best knife, said my aunt.",
    ),
    (
        "How can I start writing after years of silence?",
        "Three pages by hand each morning, unread, unblocked me as an author.",
        "Years of silence can start with a letter.",
    ),
    (
        "How do I keep bees alive through the cold months?",
        "A hive needs twenty kilos of stores and a mouse guard before frost; then leave the colony alone.",
        "The bees on the curtain keep the room alive.",
    ),
    (
        "What can I cook for twenty people with little money?",
        "Lentil stew in the big pot feeds a crowd for a few coins each.",
        "Twenty people with little money founded the cook's guild.",
    ),
    (
        "How do I calm a dog that barks at visitors?",
        "Our hound stopped yapping at guests once we rewarded him for lying on his mat.",
        "Visitors bark their shins on the dog's bed.",
    ),
    (
        "How can I see the stars better from town?",
        "Climb the reservoir hill at new moon: far from the lamps the Milky Way is plain.",
        "The stars of our town theatre can be seen at the bakery.",
    ),
    (
        "What do I do about water in the cellar after rain?",
        "A drain of gravel along the foundation led the flood away from our basement.",
        "After the rain we drank water from the cellar's old cups.",
    ),
    (
        "How do I ask my boss for fewer hours?",
        "Bring a plan of who covers which task; then a shift to part time is easy for a manager to grant.",
        "My boss asked for the hours of the museum.",
    ),
    (
        "How can old photographs be restored?",
        "Scan faded prints at high resolution and correct the tones with free software.",
        "The old restaurant can be photographed from the bridge.",
    ),
    (
        "What makes a meeting short?",
        "Standing up, one topic, and a clock in view: ours last fifteen minutes.",
        "Meeting him makes my walk too short.",
    ),
    (
        "How do I teach my daughter to ride a bike?",
        "Take the pedals off and let the child scoot until she balances; then cycling comes by itself.",
        "My daughter rides to school with what she calls a bike of hay.",
    ),
    (
        "How can we reuse the grey water from our shower?",
        "A reed bed cleans what runs off from bathing well enough for the orchard.",
        "Grey rain showers can reuse our patience.",
    ),
    (
        "How do I get rid of the smell of paint?",
        "Sliced onions in a bowl overnight draw the fumes out of a freshly decorated room.",
        "Get the paint that smells of the sea, it is grey.",
    ),
    (
        "Which trees stand the hot summers?",
        "Hornbeam and field maple got through three years of drought unwatered.",
        "Which hot summers were those, under the trees of the stand?",
    ),
    (
        "How can I lend my car without trouble?",
        "A written agreement and a call to the insurer let neighbours share a vehicle safely.",
        "My car can be trouble, lend me your ear.",
    ),
    (
        "How do I stop scrolling on my phone at night?",
        "Since the handset charges in the hall, I read paper in bed and drop off sooner.",
        "At night the phone box stops looking lonely.",
    ),
    (
        "What is a fair way to share chores?",
        "Each housemate bids how much a task is worth to avoid; whoever asks least does it and is paid in favours.",
        "The fair shares its way with the circus.",
    ),
    (
        "How can the school roof be used for solar power?",
        "A cooperative of parents leased the top of the gym and sells the current of its panels.",
        "The school play used the power of the roof being away.",
    ),
)

# question of TOPICS (its number), an answer that shares words with it
PLAIN: tuple[tuple[int, str], ...] = (
    (0, "Slugs ate my lettuce too until I put wood ash around every bed."),
    (1, "My bread was dense until I let it rise twice as long in a warm corner."),
    (2, "Our landlord only fixed the heating after the tenants' union sent him a letter."),
    (4, "We had mice in the pantry; glass jars and a cat did what no trap could."),
    (5, "My knees stopped hurting when I bought softer shoes and ran on grass."),
    (6, "A dehumidifier dries our laundry in winter, and the mould is gone."),
    (7, "A choir that needs a conductor should ask at the music school in May."),
    (9, "Wax comes out of a tablecloth when you freeze it and break it off."),
    (10, "Yellow leaves on my tomato plants went away after I gave them less water."),
    (11, "Cars slow down on a street that is painted by its children."),
    (12, "I sleep well since the noisy neighbours and I agreed on eleven o'clock."),
    (14, "To fix a dripping tap close the valve below first, then change the seal."),
    (15, "In the evening teenagers can go to the boxing gym, it is free here."),
    (16, "I save a third of my electricity bill by washing at night."),
    (18, "A kitchen knife gets sharp on the unglazed ring below a cup."),
    (20, "My bees stay alive in cold months under a blanket of straw."),
    (22, "Our dog barks at visitors no more since a trainer came twice."),
    (24, "After rain the water in our cellar goes through a pump to the garden."),
    (27, "A meeting stays short when nobody sits."),
    (31, "Trees that stand hot summers are sold by the forest office; take the oak."),
)

# need, offer that answers it, lookalike that does not
SERVICES: tuple[tuple[str, str, str], ...] = (
    ("bicycle repair", "mending bikes", "a bicycle"),
    ("piano lessons", "teaching the piano to beginners", "a piano to give away"),
    ("someone to watch the children on Friday nights", "babysitting at weekends", "a night light for children"),
    ("help with tax forms", "doing other people's tax returns", "forms for baking"),
    ("a haircut at home", "cutting hair, I come to you", "hair clips"),
    ("German conversation", "practice in speaking German", "German books"),
    ("dog walking at noon", "taking dogs out at midday", "a dog kennel"),
    ("curtains shortened", "sewing and alterations", "curtain rails"),
    ("a lift to the hospital", "driving people to appointments", "a lift table for workshops"),
    ("computer trouble solved", "fixing laptops and phones", "a computer desk"),
    ("apple trees pruned", "cutting fruit trees in winter", "apples"),
    ("a cake for forty guests", "baking for parties", "a cake stand"),
    ("furniture carried upstairs", "moving heavy things, two strong arms", "old furniture"),
    ("maths tutoring", "explaining algebra to pupils", "maths jokes"),
    ("wedding photos", "photography at celebrations", "photo frames for a wedding"),
    ("company for my mother", "reading to old people and drinking tea with them", "company shares"),
    ("a shed built", "carpentry in gardens", "a shed key"),
    ("walls painted", "decorating rooms", "paintings for walls"),
    ("plants watered in August", "looking after gardens while you are away", "water plants for ponds"),
    ("first aid training", "courses in emergency care", "training shoes"),
    ("singing lessons", "voice coaching", "song books"),
    ("a website for the club", "making web pages", "a club jacket"),
    ("seedlings in spring", "young vegetable plants from April on", "spring mattresses"),
    ("proofreading of my thesis", "correcting texts", "a desk for writing a thesis"),
)

# goal, resource, limit: of three people
TRIOS: tuple[tuple[str, str, str], ...] = (
    (
        "I want to hold a reading circle for parents.",
        "I have a big living room full of books that nobody uses in the morning.",
        "Parents here can only come before eleven, when school ends.",
    ),
    (
        "We want to start a repair café.",
        "We have a workshop with all tools that stands empty on Saturdays.",
        "Soldering is only allowed with a fire extinguisher in the workshop.",
    ),
    (
        "I would like to grow vegetables for the kitchen of the shelter.",
        "I have half an allotment that I cannot dig any more.",
        "On the allotments water must not be drawn between noon and six.",
    ),
    (
        "We hope to show films outdoors in summer.",
        "I have a projector and a white wall in the courtyard.",
        "In the courtyard there must not be any noise after ten.",
    ),
    (
        "I plan to teach children to swim.",
        "Our hotel has a pool that is unused on Monday mornings.",
        "Children may not be in the pool unless a lifeguard is there.",
    ),
    (
        "We want to cook together for people without a home.",
        "I have the keys of the church kitchen with its two stoves.",
        "The church kitchen cannot be used on Sundays.",
    ),
)

FILLERS: tuple[str, ...] = (
    "The tram was late again and nobody minded.", "We watched the storm from the porch until the lights went out.", "My aunt keeps a list of every film she has seen.",
    "The library has new chairs, red ones.", "Three swans were on the canal this morning.", "I found my grandmother's ring in the sewing box.",
    "The museum is closed for the season.", "A stranger gave me an umbrella and walked off in the rain.", "We counted eleven balloons over the ridge.",
    "The baker has changed his opening hours.", "My brother paints ships, always the same one.", "There is a new bench by the mill.",
    "The election posters are still up.", "He plays chess against himself and loses.", "The river froze for two days.", "I have been reading about lighthouses.",
    "Our team lost by one goal in the last minute.", "The fair came with a wheel and left with our hearts.", "She knits without looking.", "The post office clerk sings.",
)  # fmt: skip
THINGS = ("pump", "boiler", "mower", "loom", "kiln", "press", "lathe", "organ")
OPENINGS = ("bra", "kel", "dor", "mi", "tav", "lus", "ner", "qui", "rho", "zel", "pan", "vor")
CLOSINGS = ("ndt", "mann", "witz", "lin", "tek", "sson", "ova", "berg", "dale", "ric")
