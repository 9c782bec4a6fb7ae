"""What simulated people write besides the demonstration's texts (workstation.demo.texts), by language."""

from workstation.demo.texts import REQUESTS, SUPPORT, VISITORS, Request

LANGUAGES = {"en": 50, "zh": 30, "ar": 20}  # how many of a hundred visitors speak each
NAMES = VISITORS | {
    "ar": (
        "ليلى الحداد", "عمر السيد", "نور الهاشمي", "يوسف منصور", "سارة خليل", "كريم العلي", "هدى ناصر",
    ),
}  # fmt: skip
ASKED = REQUESTS | {
    "ar": (
        Request(
            "الطلب {n} لم يصل بعد",
            "كان من المفترض أن يصل الطلب يوم الاثنين ولم يصل حتى الآن.",
            SUPPORT,
            "problem",
            ("delivery",),
            (
                "مرحبًا، الطلب {n} لم يصل بعد.",
                "نعتذر عن ذلك، سأتحقق مع شركة الشحن الآن.",
                "شكرًا، أحتاجه قبل يوم الجمعة.",
                "غادر المستودع هذا الصباح وسيصل غدًا.",
            ),
        ),
        Request(
            "لا أستطيع تسجيل الدخول",
            "غيّرت بريدي الإلكتروني ولا تصلني رسالة استعادة كلمة المرور.",
            SUPPORT,
            "problem",
            ("account", "login"),
            (
                "لا أستطيع تسجيل الدخول إلى حسابي.",
                "ما هو البريد الذي كنت تستخدمه من قبل؟",
                "الذي ينتهي بـ .org",
                "وجدته، يرجى المحاولة مرة أخرى الآن.",
            ),
        ),
        Request(
            "استبدال المقاس في الطلب {n}",
            "وصلني مقاس كبير وكنت قد طلبت المقاس المتوسط.",
            SUPPORT,
            "question",
            ("exchange", "returns"),
            (
                "وصلني المقاس الخطأ في الطلب {n}.",
                "نعتذر! أرسلت إليك بطاقة إرجاع مجانية.",
                "ممتاز، متى يُرسل المقاس الصحيح؟",
                "فور تسليم الطرد في مكتب البريد.",
            ),
        ),
    ),
}
NUDGES = {
    "en": ("Hello? Is anybody there?", "Still waiting…", "??"),
    "zh": ("在吗？", "有人吗？等很久了。", "请问还要等多久？"),
    "ar": ("هل من أحد هنا؟", "ما زلت أنتظر…"),
}
THANKS = {
    "en": ("Thank you, that helps!", "Great, thanks a lot.", "Perfect 👍"),
    "zh": ("好的，谢谢！", "明白了，非常感谢。", "太好了 👍"),
    "ar": ("شكرًا جزيلًا!", "ممتاز، شكرًا لكم 🌷"),
}
FAREWELLS = {
    "en": ("You are welcome. Have a nice day!", "Gladly. Write again whenever you like."),
    "zh": ("不客气，祝您生活愉快！", "不用谢，有问题随时联系我们。"),
    "ar": ("على الرحب والسعة، يومًا سعيدًا!", "يسعدنا ذلك، نحن هنا دائمًا."),
}
APOLOGIES = {
    "en": "Sorry that you had to wait.",
    "zh": "抱歉让您久等了。",
    "ar": "نعتذر عن الانتظار.",
}
PRAISE = {
    "en": ("Quick and friendly", "", "Solved in five minutes", ""),
    "zh": ("服务很好", "", "解决得很快", ""),
    "ar": ("خدمة ممتازة", "", "سريع ولطيف"),
}
BLAME = {
    "en": ("I had to wait too long", ""),
    "zh": ("等待时间太长", ""),
    "ar": ("انتظرت طويلًا", ""),
}
HAND_OVERS = {
    "en": "Please take over, you know this customer.",
    "zh": "请接手，这位客户之前是您服务的。",
    "ar": "يرجى المتابعة، أنت تعرف هذا العميل.",
}
PAGES = (
    ("https://shop.example.com/", "Home"),
    ("https://shop.example.com/orders", "My orders"),
    ("https://shop.example.com/returns", "Returns"),
    ("https://shop.example.com/cart", "Cart"),
    ("https://shop.example.com/help/delivery", "Delivery times"),
    ("https://shop.example.com/lamps/north-star", "North Star, a lamp"),
)
DEVICES = (
    {"browser": "Chrome", "os": "Windows", "screen": "1920x1080"},
    {"browser": "Safari", "os": "iOS", "screen": "390x844"},
    {"browser": "Chrome", "os": "Android", "screen": "412x915"},
    {"browser": "Firefox", "os": "Linux", "screen": "2560x1440"},
    {"browser": "Safari", "os": "macOS", "screen": "1512x982"},
)
