//! Which endings make a name a domain.
//!
//! Chat is full of missing spaces ("ok.so", "main.rs"), so an ending that is also
//! a word or a file's needs more than a dot before it: a path, a `www.`, or
//! three labels. Sources: IANA's root zone, the country codes in full, of the
//! others those in wide use.

/// Country codes that are no English words and no endings of files.
const COUNTRIES: &[&str] = &[
    "ac", "ad", "ae", "af", "ag", "ai", "al", "ao", "aq", "ar", "au", "aw", "ax", "az", "ba", "bb", "bd",
    "bf", "bg", "bh", "bi", "bj", "bm", "bn", "bo", "br", "bs", "bt", "bw", "by", "bz", "ca", "cc", "cd",
    "cf", "cg", "ch", "ci", "ck", "cl", "cm", "cn", "co", "cr", "cu", "cv", "cw", "cx", "cy", "cz", "de",
    "dj", "dk", "dm", "dz", "ec", "ee", "eg", "er", "es", "et", "eu", "fi", "fj", "fk", "fm", "fo", "fr",
    "ga", "gd", "ge", "gf", "gg", "gh", "gi", "gl", "gm", "gn", "gp", "gq", "gr", "gs", "gt", "gu", "gw",
    "gy", "hk", "hm", "hn", "hr", "ht", "hu", "ie", "il", "im", "io", "iq", "ir", "je", "jm", "jo", "jp",
    "ke", "kg", "kh", "ki", "km", "kn", "kp", "kr", "kw", "ky", "kz", "lb", "lc", "li", "lk", "lr", "lt",
    "lu", "lv", "ly", "mc", "mg", "mh", "mk", "ml", "mm", "mn", "mo", "mp", "mq", "mt", "mv", "mw", "mx",
    "mz", "na", "nc", "ne", "nf", "ng", "ni", "nl", "np", "nr", "nu", "nz", "om", "pe", "pf", "pg", "ph",
    "pk", "pn", "pr", "pt", "pw", "qa", "ro", "ru", "rw", "sa", "sb", "sc", "sd", "se", "sg", "si", "sj",
    "sk", "sl", "sm", "sn", "sr", "ss", "su", "sv", "sx", "sy", "sz", "tc", "td", "tf", "tg", "th", "tj",
    "tk", "tl", "tm", "tn", "tr", "tt", "tv", "tw", "tz", "ua", "ug", "uk", "uy", "uz", "va", "vc", "ve",
    "vg", "vi", "vn", "vu", "wf", "ye", "yt", "za", "zm", "zw",
];

/// Country codes that are words, times of the day or endings of files.
const WORDS: &[&str] = &[
    "am", "as", "at", "be", "do", "eh", "gb", "id", "in", "is", "it", "la", "ls", "ma", "md", "me", "mr",
    "ms", "mu", "my", "no", "pa", "pl", "pm", "ps", "py", "re", "rs", "sh", "so", "st", "to", "us", "ws",
];

/// Endings without a country in wide use.
#[rustfmt::skip]
const GENERIC: &[&str] = &[
    "academy", "aero", "agency", "app", "art", "asia", "bar", "beauty", "best", "bet", "bid", "bio", "biz",
    "blog", "bot", "build", "business", "buzz", "cam", "camp", "capital", "cards", "care", "cash", "casino",
    "center", "chat", "cheap", "city", "click", "cloud", "club", "coach", "codes", "coffee", "com",
    "community", "company", "cool", "coop", "crypto", "date", "dating", "deals", "delivery", "design", "dev",
    "digital", "direct", "download", "earth", "edu", "education", "email", "energy", "events", "exchange",
    "expert", "express", "faith", "family", "fans", "farm", "fashion", "finance", "fit", "fun", "fund",
    "gallery", "game", "games", "gift", "gifts", "global", "gold", "gov", "group", "guide", "guru", "health",
    "help", "host", "hosting", "house", "inc", "info", "ink", "institute", "int", "international",
    "investments", "jobs", "land", "lat", "lease", "legal", "life", "limited", "limo", "link", "live", "loan",
    "lol", "love", "ltd", "luxe", "market", "marketing", "mba", "media", "men", "mil", "mobi", "moda", "moe",
    "money", "monster", "movie", "museum", "music", "name", "net", "network", "news", "ninja", "observer",
    "one", "onl", "online", "ooo", "org", "page", "partners", "parts", "party", "photo", "photos", "pics",
    "pink", "pizza", "plus", "poker", "porn", "press", "pro", "promo", "properties", "pub", "racing",
    "realty", "rent", "repair", "report", "rest", "review", "reviews", "rip", "rocks", "run", "sale", "salon",
    "school", "science", "security", "services", "sex", "sexy", "shoes", "shop", "show", "singles", "site",
    "ski", "social", "software", "solutions", "space", "sport", "store", "stream", "studio", "style", "sucks",
    "support", "surf", "systems", "tax", "team", "tech", "technology", "tel", "tickets", "tips", "today",
    "tools", "top", "tours", "town", "toys", "trade", "trading", "training", "travel", "tube", "uno",
    "vacations", "vegas", "ventures", "video", "vip", "vision", "vote", "voyage", "watch", "webcam",
    "website", "wiki", "win", "wine", "work", "works", "world", "wtf", "xxx", "xyz", "yoga", "zone",
];

/// Endings in other alphabets.
#[rustfmt::skip]
const INTERNATIONAL: &[&str] = &[
    "ελ", "ευ", "бел", "дети", "ком", "мкд", "мон", "москва", "онлайн", "орг", "рус", "рф", "сайт", "срб",
    "укр", "қаз", "բե", "գե", "հայ", "ישראל", "الاردن", "السعودية", "المغرب", "امارات", "ایران", "مصر", "भरत",
    "भारत", "संगठन", "বাংলা", "ভারত", "ไทย", "გე", "みんな", "コム", "中国", "中國", "中文网", "公司", "台湾", "台灣", "商城",
    "在线", "我爱你", "新加坡", "游戏", "澳門", "网址", "网络", "香港", "닷컴", "한국",
];

/// How sure it is that a name with this last label is a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is one.
    Sure,
    /// It may be a word.
    Doubtful,
    /// It is none.
    No,
}

/// What the last label of a name says; lower case.
pub fn ending(label: &str) -> Ending {
    let is_in = |list: &[&str]| list.binary_search(&label).is_ok();
    if label.starts_with("xn--") || is_in(COUNTRIES) || is_in(GENERIC) || is_in(INTERNATIONAL) {
        Ending::Sure
    } else if is_in(WORDS) {
        Ending::Doubtful
    } else {
        Ending::No
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_told_from_words_and_from_nothing() {
        for label in ["com", "de", "tv", "zone", "academy", "рф", "ελ", "xn--p1ai"] {
            assert_eq!(ending(label), Ending::Sure, "{label}");
        }
        for label in ["it", "so", "rs", "am", "ws"] {
            assert_eq!(ending(label), Ending::Doubtful, "{label}");
        }
        for label in ["", "co m", "hello", "o", "zon", "ne z", "txt", "5"] {
            assert_eq!(ending(label), Ending::No, "{label}");
        }
    }

    #[test]
    fn the_lists_are_sorted_and_no_ending_is_in_two() {
        let lists = [COUNTRIES, WORDS, GENERIC, INTERNATIONAL];
        for list in lists {
            assert!(list.is_sorted(), "{list:?}");
        }
        let mut all = lists.concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), lists.iter().map(|list| list.len()).sum::<usize>());
    }
}
