// @ts-check
/**
 * Names, programs and places for made-up sessions.
 *
 * @module
 */

/** Given and family names that belong together, by language. */
export const NAMES = [
  {
    given: ["Ada", "Grace", "Alan", "Edsger", "Barbara", "Ken"],
    family: ["Lovelace", "Hopper", "Turing", "Liskov", "Thompson"],
  },
  {
    given: ["Jürgen", "Käthe", "Günter", "Zoë", "Björn"],
    family: ["Weiß", "Müller", "Groß", "Schröder", "Bräuer"],
  },
  {
    given: ["François", "Éloïse", "Noël", "Maëlle"],
    family: ["Lefèvre", "Châtelain", "Béranger", "D’Aubigné"],
  },
  { given: ["Łukasz", "Żaneta", "Świętosława"], family: ["Żółkiewski", "Wójcik", "Błaszczyk"] },
  { given: ["İbrahim", "Işıl", "Çağla", "Şükrü"], family: ["Yıldız", "Öztürk", "Güneş"] },
  {
    given: ["Søren", "Åse", "Þórunn", "Øyvind"],
    family: ["Kjærgaard", "Ångström", "Þorsteinsson"],
  },
  { given: ["Σοφία", "Γιώργος", "Ελένη"], family: ["Παπαδόπουλος", "Αθανασίου", "Νικολάου"] },
  { given: ["Наталья", "Юрий", "Ольга"], family: ["Щербаков", "Ёлкина", "Королёв"] },
  {
    given: ["明", "美咲", "太郎"],
    family: ["佐藤", "髙橋", "渡邉"],
    isFamilyFirst: true,
    separator: " ",
  },
  { given: ["伟", "秀英", "芳"], family: ["王", "李", "欧阳"], isFamilyFirst: true, separator: "" },
  {
    given: ["민준", "서연", "지우"],
    family: ["김", "이", "박"],
    isFamilyFirst: true,
    separator: "",
  },
  { given: ["محمد", "فاطمة", "ليلى"], family: ["الخوارزمي", "ابن سينا", "حداد"] },
  { given: ["नेहा", "अर्जुन", "लक्ष्मी"], family: ["शर्मा", "पटेल", "अय्यर"] },
  { given: ["Nguyễn Thị", "Trần Văn"], family: ["Hương", "Đức", "Ánh"] },
  { given: ["Xiomara", "Iñaki", "Begoña"], family: ["Núñez", "Ibáñez de Garayo", "Peña"] },
];

/** `User-Agent` headers of browsers and programs. */
export const USER_AGENTS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
  "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
  "ExampleMobileApp/4.12 (Android 14)",
  "ExampleMobileApp/4.11 (iOS 18.6)",
];

/** Prefixes of addresses that are reserved for documentation (RFC 5737, RFC 3849). */
export const NETWORKS = [
  "192.0.2.",
  "198.51.100.",
  "203.0.113.",
  "2001:db8:0:1::",
  "2001:db8:0:2::",
];
