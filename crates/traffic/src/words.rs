//! Words that names of people and domains are made of.

pub(crate) const FIRST_NAMES: [&str; 48] = [
    "anna", "ben", "carla", "david", "elena", "felix", "greta", "hanno", "ines", "jonas", "karin",
    "lars", "maria", "nils", "olga", "paul", "quentin", "rosa", "stefan", "tina", "ulrich", "vera",
    "willem", "xenia", "yusuf", "zoe", "amara", "bruno", "chiara", "dmitri", "emil", "fatima",
    "george", "hana", "ivan", "julia", "kenji", "lucia", "mehmet", "nora", "oscar", "priya",
    "rafael", "sofia", "tomas", "ursula", "victor", "wanda",
];

pub(crate) const LAST_NAMES: [&str; 56] = [
    "abel", "berger", "castro", "dahl", "ebert", "fischer", "garcia", "holm", "ivanov", "jansen",
    "kowalski", "lindner", "moreau", "novak", "olsen", "peters", "quist", "rossi", "schmidt",
    "tanaka", "ueda", "vogel", "weber", "xu", "yilmaz", "zimmer", "adler", "brandt", "costa",
    "duval", "engel", "ferrari", "gruber", "hansen", "iversen", "jung", "keller", "lopez", "meyer",
    "nagy", "orlov", "pohl", "richter", "santos", "thoma", "ullrich", "varga", "wolf", "young",
    "zeller", "baker", "cooper", "mason", "fuller", "porter", "ward",
];

pub(crate) const WORDS: [&str; 40] = [
    "harbour", "meadow", "granite", "willow", "compass", "lantern", "orchard", "summit", "anchor",
    "bramble", "copper", "delta", "ember", "falcon", "glacier", "hazel", "indigo", "juniper",
    "kestrel", "lagoon", "maple", "nectar", "opal", "prairie", "quarry", "raven", "saffron",
    "thistle", "umber", "velvet", "walnut", "yarrow", "zephyr", "beacon", "cedar", "dune", "elm",
    "fjord", "grove", "heron",
];

pub(crate) const SITES: [&str; 38] = [
    "logistics",
    "media",
    "systems",
    "bank",
    "travel",
    "energy",
    "motors",
    "foods",
    "design",
    "labs",
    "health",
    "school",
    "press",
    "tools",
    "garden",
    "music",
    "sports",
    "legal",
    "trade",
    "works",
    "net",
    "cloud",
    "print",
    "craft",
    "stone",
    "books",
    "film",
    "hotel",
    "farm",
    "steel",
    "toys",
    "wine",
    "tea",
    "shop",
    "club",
    "house",
    "port",
    "line",
];
