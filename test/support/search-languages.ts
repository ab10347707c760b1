/** Sentences of each language, and what is asked of them. A term, phrase or beginning is a literal part of a sentence. */
export interface Language {
  readonly name: string;
  readonly sentences: readonly string[];
  readonly terms: readonly string[];
  readonly phrases: readonly string[];
  /** Beginnings of words; in scripts without spaces, a single character. */
  readonly beginnings: readonly string[];
  /** Both occur; and the first without the second. */
  readonly pairs: readonly (readonly [string, string])[];
}

export const languages: readonly Language[] = [
  {
    name: 'German',
    sentences: [
      'Die Straße zum Bahnhof ist heute gesperrt',
      'Können wir das Gespräch auf morgen früh verschieben?',
      'Der neue Server läuft, aber die Prüfung schlägt fehl',
      'Größere Änderungen bitte vorher besprechen',
      'Ich hätte gern einen Kaffee und ein Stück Kuchen',
      'Das Büro bleibt über die Feiertage geschlossen',
    ],
    terms: ['Straße', 'gespräch', 'BÜRO', 'prufung', 'Kaffee'],
    phrases: ['bitte vorher besprechen', 'Größere Änderungen'],
    beginnings: ['Bahn', 'läuf'],
    pairs: [['Server', 'fehl']],
  },
  {
    name: 'French',
    sentences: [
      "L'école est fermée jusqu'à lundi",
      'On se retrouve au café près de la gare',
      "J'ai déjà envoyé le rapport à l'équipe",
      'Le déploiement a échoué à cause du réseau',
      "Qu'est-ce que tu penses de cette idée ?",
      'Noël approche, il faut réserver les billets',
    ],
    terms: ['école', 'cafe', 'équipe', 'Noël', 'réseau'],
    phrases: ["jusqu'à lundi", 'a échoué à cause'],
    beginnings: ['déploi', 'réserv'],
    pairs: [['gare', 'café']],
  },
  {
    name: 'Turkish',
    sentences: [
      'İstanbul bugün çok güneşli',
      'Toplantı yarın sabah saat dokuzda başlıyor',
      'Yeni sürümü gözden geçirmemiz gerekiyor',
      'Işıklar neden kapalı?',
      'Akşam yemeğinde balık yiyelim mi',
      'Dosyayı buldum, teşekkür ederim',
    ],
    terms: ['istanbul', 'güneşli', 'toplantı', 'ışıklar', 'balik'],
    phrases: ['yarın sabah', 'gözden geçirmemiz'],
    beginnings: ['teşek', 'sür'],
    pairs: [['sabah', 'saat']],
  },
  {
    name: 'Russian',
    sentences: [
      'Сервер снова не отвечает на запросы',
      'Давайте перенесём встречу на пятницу',
      'Ёлка уже стоит в офисе',
      'Кто может проверить мой код сегодня?',
      'Мы переехали в новое здание у реки',
      'Спасибо за помощь с отчётом',
    ],
    terms: ['сервер', 'елка', 'ВСТРЕЧУ', 'код', 'отчетом'],
    phrases: ['новое здание', 'не отвечает на запросы'],
    beginnings: ['пере', 'спас'],
    pairs: [['офисе', 'стоит']],
  },
  {
    name: 'Greek',
    sentences: [
      'Καλημέρα σε όλους από την Αθήνα',
      'Ο Σίσυφος κύλησε ξανά τον βράχο',
      'Η σύσκεψη μεταφέρεται για αύριο το πρωί',
      'Ποιος έχει το κλειδί του γραφείου;',
      'Η βάση δεδομένων είναι πάλι αργή',
      'Ευχαριστώ πολύ για τη βοήθεια',
    ],
    terms: ['καλημερα', 'ΣΊΣΥΦΟΣ', 'αθήνα', 'κλειδί', 'βοηθεια'],
    phrases: ['βάση δεδομένων', 'αύριο το πρωί'],
    beginnings: ['ευχαρ', 'μεταφ'],
    pairs: [['σύσκεψη', 'πρωί']],
  },
  {
    name: 'Arabic',
    sentences: [
      'مرحبا بكم في المدينة الجديدة',
      'اللُّغَة العَرَبِيَّة جميلة جدا',
      'سنلتقي غدا في المكتب عند الساعة ١٠',
      'هل يمكنك إرسال الملف من فضلك؟',
      'المدرسة مغلقة حتى يوم الأحد',
      'شكـــرا على المساعدة الكبيرة',
    ],
    terms: ['مرحبا', 'العربية', 'المدرسة', 'شكرا', 'إرسال'],
    phrases: ['المدينة الجديدة', 'حتى يوم الأحد'],
    beginnings: ['المكت', 'المساع'],
    pairs: [['غدا', 'المكتب']],
  },
  {
    name: 'Hebrew',
    sentences: [
      'שָׁלוֹם לכולם מהמשרד החדש',
      'הפגישה נדחתה ליום שלישי',
      'מי יכול לבדוק את הקוד שלי?',
      'השרת נפל שוב הבוקר',
      'ספר טוב הוא חבר נאמן',
      'תודה רבה על העזרה',
    ],
    terms: ['שלום', 'הפגישה', 'הקוד', 'השרת', 'תודה'],
    phrases: ['ליום שלישי', 'ספר טוב הוא'],
    beginnings: ['נאמ', 'מהמ'],
    pairs: [['שוב', 'הבוקר']],
  },
  {
    name: 'Hindi',
    sentences: [
      'नमस्ते दोस्तों, आज मौसम अच्छा है',
      'बैठक कल सुबह दस बजे होगी',
      'क्या आप यह फ़ाइल भेज सकते हैं?',
      'सर्वर फिर से बंद हो गया',
      'मुझे हिन्दी किताबें पसंद हैं',
      'आपकी मदद के लिए धन्यवाद',
    ],
    terms: ['नमस्ते', 'मौसम', 'सर्वर', 'हिन्दी', 'धन्यवाद'],
    phrases: ['कल सुबह दस', 'फिर से बंद'],
    beginnings: ['किता', 'दोस्'],
    pairs: [['बैठक', 'सुबह']],
  },
  {
    name: 'Chinese',
    sentences: [
      '我们明天上午在北京开会',
      '服务器又出问题了，请大家检查一下',
      '这个版本的文档还没有写完',
      '上海今天下雨，记得带伞',
      '谢谢你的帮助，数据库已经恢复了',
      '周末一起去吃火锅吧',
    ],
    terms: ['北京', '服务器', '数据库', '火锅', '文档'],
    phrases: ['明天上午', '请大家检查'],
    beginnings: ['雨', '海'],
    pairs: [['上海', '下雨']],
  },
  {
    name: 'Japanese',
    sentences: [
      '明日は東京都庁で会議があります',
      'サーバーがまた落ちました',
      '新しいバージョンのテストをお願いします',
      'ｶﾀｶﾅとカタカナは同じに見えます',
      '京都の紅葉がとてもきれいでした',
      'ご協力ありがとうございます',
    ],
    terms: ['東京', 'サーバー', 'カタカナ', '紅葉', '会議'],
    phrases: ['東京都庁', 'ありがとうございます'],
    beginnings: ['都', '新'],
    pairs: [['京都', '紅葉']],
  },
  {
    name: 'Korean',
    sentences: [
      '내일 아침에 학교에서 만나요',
      '서버가 또 멈췄어요',
      '새 버전을 확인해 주세요',
      '서울은 오늘 비가 옵니다',
      '문서를 아직 다 쓰지 못했습니다',
      '도와주셔서 감사합니다',
    ],
    terms: ['학교', '서버', '서울', '문서', '감사합니다'],
    phrases: ['오늘 비가', '확인해 주세요'],
    beginnings: ['비', '새'],
    pairs: [['내일', '아침']],
  },
  {
    name: 'Thai',
    sentences: [
      'พรุ่งนี้เราประชุมกันที่กรุงเทพ',
      'เซิร์ฟเวอร์ล่มอีกแล้ว',
      'ช่วยตรวจสอบเอกสารนี้หน่อย',
      'วันนี้ฝนตกที่เชียงใหม่',
      'ขอบคุณสำหรับความช่วยเหลือ',
      'เด็กๆ ไปโรงเรียนแต่เช้า',
    ],
    terms: ['กรุงเทพ', 'ประชุม', 'โรงเรียน', 'เอกสาร', 'ฝนตก'],
    phrases: ['ตรวจสอบเอกสาร', 'วันนี้ฝนตก'],
    beginnings: ['ฝ', 'ข'],
    pairs: [['ประชุม', 'กรุงเทพ']],
  },
];
