// @ts-check
/**
 * Names, programs and places for made-up sessions.
 *
 * @module
 */

/** Given and family names that belong together, by language. */
export const NAMES = [
  {
    given: ["Ada", "Grace", "Alan", "Edsger", "Barbara", "Ken", "Radia", "Dennis", "Frances"],
    family: ["Lovelace", "Hopper", "Turing", "Liskov", "Thompson", "Perlman", "Ritchie", "Allen"],
  },
  {
    given: ["Amelia", "Oliver", "Chloe", "Jack", "Ruby", "Thomas", "Isla", "Harry", "Freya", "Leo"],
    family: ["Baker", "Clarke", "O’Connor", "Hughes", "Patel", "Wright", "Evans", "Ward", "Shaw"],
  },
  {
    given: ["Aaliyah", "Mason", "Sofia", "Ethan", "Madison", "Tyler", "Naomi", "Caleb", "Grace"],
    family: ["Johnson", "Garcia", "Washington", "Miller", "Rivera", "Brooks", "Nguyen", "Cooper"],
  },
  {
    given: ["Jürgen", "Käthe", "Günter", "Zoë", "Björn", "Anneliese", "Jörg", "Bärbel", "Lukas"],
    family: ["Weiß", "Müller", "Groß", "Schröder", "Bräuer", "Köhler", "Fuchs", "Böhm", "Vogel"],
  },
  {
    given: ["François", "Éloïse", "Noël", "Maëlle", "Jérôme", "Anaïs", "Hélène", "Loïc", "Gaël"],
    family: ["Lefèvre", "Châtelain", "Béranger", "D’Aubigné", "Garçon", "Mérieux", "Benoît"],
  },
  {
    given: ["Łukasz", "Żaneta", "Świętosława", "Grażyna", "Paweł", "Małgorzata", "Jędrzej"],
    family: ["Żółkiewski", "Wójcik", "Błaszczyk", "Dąbrowski", "Kamiński", "Głowacki", "Łuczak"],
  },
  {
    given: ["İbrahim", "Işıl", "Çağla", "Şükrü", "Gülşen", "Oğuz", "Ayşe", "Tuğçe"],
    family: ["Yıldız", "Öztürk", "Güneş", "Çelik", "Şahin", "Doğan", "Kılıç"],
  },
  {
    given: ["Søren", "Åse", "Þórunn", "Øyvind", "Linnéa", "Håkon", "Jón", "Märta"],
    family: ["Kjærgaard", "Ångström", "Þorsteinsson", "Sjöberg", "Bjørnstad", "Östlund", "Dahl"],
  },
  {
    given: ["Σοφία", "Γιώργος", "Ελένη", "Δημήτρης", "Αναστασία", "Νίκος", "Κατερίνα"],
    family: ["Παπαδόπουλος", "Αθανασίου", "Νικολάου", "Γεωργίου", "Κωνσταντίνου", "Βλάχος"],
  },
  {
    given: ["Наталья", "Юрий", "Ольга", "Артём", "Алёна", "Сергей", "Ксения", "Фёдор"],
    family: ["Щербак", "Коваленко", "Бондарчук", "Ткач", "Мельник", "Гончар", "Шевченко"],
  },
  {
    given: ["明", "美咲", "太郎", "結衣", "健一", "陽菜", "直樹", "彩香", "翔太"],
    family: ["佐藤", "髙橋", "渡邉", "鈴木", "伊藤", "山﨑", "中村", "小林"],
    isFamilyFirst: true,
    separator: " ",
  },
  {
    given: ["伟", "秀英", "芳", "丽娜", "建国", "晓明", "雪梅", "志强", "海燕"],
    family: ["王", "李", "欧阳", "张", "刘", "陈", "司马", "赵", "周"],
    isFamilyFirst: true,
    separator: "",
  },
  {
    given: ["민준", "서연", "지우", "하은", "도윤", "수아", "예준", "지민"],
    family: ["김", "이", "박", "최", "정", "강", "남궁", "윤"],
    isFamilyFirst: true,
    separator: "",
  },
  {
    given: ["محمد", "فاطمة", "ليلى", "يوسف", "مريم", "خالد", "نور", "عمر"],
    family: ["الخوارزمي", "ابن سينا", "حداد", "المصري", "الشامي", "منصور", "الزهراوي"],
  },
  {
    given: ["נועה", "יוסף", "תמר", "דניאל", "שירה", "אורי", "רחל", "איתן"],
    family: ["כהן", "לוי", "מזרחי", "בן דוד", "פרידמן", "אברהם", "שפירא"],
  },
  {
    given: ["नेहा", "अर्जुन", "लक्ष्मी", "रोहन", "प्रिया", "विक्रम", "अनन्या"],
    family: ["शर्मा", "पटेल", "अय्यर", "गुप्ता", "सिंह", "चौधरी"],
  },
  {
    given: ["Nguyễn Thị", "Trần Văn", "Lê Thị", "Phạm Văn", "Vũ Đức", "Đặng Thị"],
    family: ["Hương", "Đức", "Ánh", "Tuấn", "Thảo", "Dũng", "Hạnh"],
  },
  {
    given: ["Xiomara", "Iñaki", "Begoña", "Joaquín", "Íñigo", "Ángela", "Lucía", "Andrés"],
    family: ["Núñez", "Ibáñez de Garayo", "Peña", "Muñoz", "Cigüeña", "Gómez", "Vázquez"],
  },
  {
    given: ["João", "Conceição", "Inês", "Antônio", "Lídia", "Caetano", "Mônica"],
    family: ["Gonçalves", "Guimarães", "Araújo", "Simões", "Magalhães", "Brandão"],
  },
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
