"""What the people of the demonstration are called, and what they write, in English and Chinese."""

from typing import NamedTuple


class Person(NamedTuple):
    username: str
    email: str
    nickname: str
    role: str
    teams: tuple[str, ...]
    status: str
    language: str


class Request(NamedTuple):
    """One kind of ticket; `{n}` becomes an order number. `chat` alternates visitor, agent, visitor, …"""

    title: str
    content: str
    team: str
    type: str
    tags: tuple[str, ...]
    chat: tuple[str, ...]


SUPPORT, BILLING, CHINESE = "Support", "Billing", "中文客服"
TEAMS = {
    SUPPORT: "First line: orders, delivery, accounts",
    BILLING: "Invoices, payments and refunds",
    CHINESE: "中文客户的订单、退款与账户",
}
# Of Support only the agent of the printed link is available: who tries the chat comes to whoever looks.
PEOPLE = (
    Person("admin", "admin@email.com", "Alex Morgan", "admin", (SUPPORT,), "BUSY", "en"),
    Person("sofia", "sofia@example.com", "Sofia Lindqvist", "supervisor", (SUPPORT, BILLING), "BUSY", "en"),
    Person("wangfang", "wang.fang@example.com", "王芳", "supervisor", (CHINESE,), "BUSY", "zh-hans"),
    Person("agent", "agent@example.com", "Jamie", "agent", (SUPPORT,), "AVAILABLE", "en"),
    Person("priya", "priya@example.com", "Priya", "agent", (SUPPORT, BILLING), "BUSY", "en"),
    Person("tomas", "tomas@example.com", "Tomás", "agent", (BILLING,), "BUSY", "en"),
    Person("liwei", "li.wei@example.com", "小李", "agent", (CHINESE,), "AVAILABLE", "zh-hans"),
    Person("chenjing", "chen.jing@example.com", "陈静", "agent", (CHINESE, SUPPORT), "OFFLINE", "zh-hans"),
)
# Canned replies for everybody: shortcut, title, text.
REPLIES = (
    ("hello", "Greeting", "Hello {{visitor.nickname}}, thank you for writing. How can I help you?"),
    (
        "order",
        "Which order",
        "Could you tell me the number of your order? It is in the confirmation we sent you.",
    ),
    (
        "refund",
        "Refund is on its way",
        "Your refund is on its way. Banks take three to five working days to show it.",
    ),
    ("你好", "问候", "您好，{{visitor.nickname}}！感谢您的咨询，请问有什么可以帮您？"),
)
VISITORS = {
    "en": (
        "Emma Clarke", "Noah Fischer", "Olivia Rossi", "Liam O’Connor", "Ava Novák", "Lucas Martin",
        "Mia Schmidt", "Ethan Wright", "Isabella Costa", "Oskar Nielsen", "Chloé Dubois", "Hannah Kim",
        "Mateo García", "Zoe Papadaki", "Daniel Cohen", "Amina Yusuf", "Jack Turner", "Leila Haddad",
    ),
    "zh": (
        "张伟", "李娜", "刘洋", "陈晨", "杨敏", "赵磊", "黄婷", "周杰", "吴倩", "徐静", "孙浩", "胡雪",
    ),
}  # fmt: skip
REQUESTS = {
    "en": (
        Request(
            "Order {n} has not arrived",
            "The parcel was announced for Monday and is still not here. The tracking page has not "
            "changed for four "
            "days. Could you find out where it is?",
            SUPPORT,
            "problem",
            ("delivery",),
            (
                "Hi, my order {n} still has not arrived.",
                "I am sorry about that. Let me look it up with the carrier.",
                "Thank you, I need it by Friday.",
                "It left the depot this morning; it should be with you tomorrow.",
            ),
        ),
        Request(
            "Wrong size delivered in order {n}",
            "I ordered a medium and got a large. I would like to exchange it without paying for "
            "postage again.",
            SUPPORT,
            "question",
            ("exchange", "returns"),
            (
                "You sent me the wrong size.",
                "Sorry! I have just mailed you a free return label.",
                "Great. When will the right one be sent?",
                "As soon as the parcel is scanned at the post office.",
            ),
        ),
        Request(
            "Cannot sign in after changing my e-mail address",
            "Since I changed my address in the profile, the sign-in page says that my account does "
            "not exist. "
            "The reset mail never comes.",
            SUPPORT,
            "problem",
            ("account", "login"),
            (
                "I cannot sign in any more.",
                "Which address did you use before the change?",
                "The one ending in .org.",
                "Found it: the new address had a typing error. Please try again now.",
                "Works!",
            ),
        ),
        Request(
            "Invoice for order {n} shows the wrong VAT number",
            "Our VAT number changed in January. Please issue the invoice again with the new one, we "
            "need it for "
            "our books before the end of the month.",
            BILLING,
            "task",
            ("invoice", "vat"),
            (
                "Can you correct the VAT number on an invoice?",
                "Yes, please send me the new number.",
                "DE 811 907 980",
                "Done, the corrected invoice is in your mailbox.",
            ),
        ),
        Request(
            "Charged twice for order {n}",
            "My card statement shows the same amount two times on the same day. Please refund one of them.",
            BILLING,
            "problem",
            ("refund", "payment"),
            (
                "I was charged twice!",
                "I see two authorisations; one of them was never captured.",
                "When do I get it back?",
                "Your bank releases it within three working days.",
            ),
        ),
        Request(
            "How do I add a colleague to our account?",
            "We would like two more people to see our orders, with their own passwords. Is that possible?",
            SUPPORT,
            "question",
            ("account",),
            (
                "Can I add a colleague?",
                "Yes: Profile, People, Invite. Each gets an own sign-in.",
                "Perfect, thanks.",
            ),
        ),
        Request(
            "Refund for the cancelled order {n}",
            "I cancelled within the hour, and the confirmation says that the money will be "
            "returned. It has been "
            "ten days.",
            BILLING,
            "problem",
            ("refund",),
            (
                "Where is my refund for {n}?",
                "It was sent on Tuesday; card refunds take up to ten days.",
                "OK, I wait.",
            ),
        ),
        Request(
            "The charger of order {n} stopped working",
            "It worked for two weeks. Now the lamp stays dark, with any cable. I have the receipt.",
            SUPPORT,
            "incident",
            ("warranty", "vip"),
            (
                "My charger is dead.",
                "That is covered by the warranty. Shall I send a new one today?",
                "Yes please!",
            ),
        ),
        Request(
            "Please change the delivery address of order {n}",
            "I will be at my parents’ next week. The new address is in my profile under “Other”.",
            SUPPORT,
            "task",
            ("delivery", "address"),
            (
                "Can I still change the address?",
                "Yes, it has not been packed yet.",
                "The one called Other, please.",
                "Changed. You will get a new confirmation.",
            ),
        ),
        Request(
            "Discount code is refused at the checkout",
            "The code from your newsletter says “not valid for this basket”, though nothing in it "
            "is on sale.",
            BILLING,
            "question",
            ("voucher",),
            (
                "My code does not work.",
                "It starts at 50; your basket is at 48.",
                "I see, I will add something.",
            ),
        ),
    ),
    "zh": (
        Request(
            "订单 {n} 还没有收到",
            "物流信息已经四天没有更新了，请帮忙查一下包裹在哪里。",
            CHINESE,
            "problem",
            ("delivery", "物流"),
            (
                "你好，我的订单 {n} 一直没有到。",
                "非常抱歉，我马上联系快递公司。",
                "我周五之前需要用。",
                "包裹今天早上已经发出，预计明天送达。",
            ),
        ),
        Request(
            "申请退款：订单 {n}",
            "商品与描述不符，我想退货退款，请告诉我退货地址。",
            CHINESE,
            "task",
            ("refund", "退款"),
            (
                "我要申请退款。",
                "好的，请问商品有什么问题？",
                "颜色不对。",
                "已为您提交退款申请，三个工作日内到账。",
            ),
        ),
        Request(
            "修改邮箱后无法登录",
            "昨天修改了邮箱地址，今天登录提示账户不存在，也收不到重置密码的邮件。",
            CHINESE,
            "problem",
            ("account", "login"),
            (
                "我登录不了。",
                "请问您之前使用的邮箱是哪个？",
                "是 163 的邮箱。",
                "已经恢复，请再试一次。",
                "可以了，谢谢！",
            ),
        ),
        Request(
            "订单 {n} 需要开具发票",
            "请按照公司抬头开具增值税普通发票，税号已经填写在个人资料中。",
            CHINESE,
            "task",
            ("invoice", "发票"),
            (
                "可以开发票吗？",
                "可以的，请提供抬头和税号。",
                "资料里已经填好了。",
                "电子发票已发送到您的邮箱。",
            ),
        ),
        Request(
            "收到的商品有破损",
            "外包装完好，但是里面的杯子碎了，照片已经上传。希望尽快补发。",
            CHINESE,
            "incident",
            ("warranty", "vip"),
            ("杯子碎了。", "很抱歉给您带来不便，我们今天补发一个新的。", "谢谢，服务很好。"),
        ),
        Request(
            "优惠券在结算时无法使用",
            "购物车里没有特价商品，但是系统提示不符合使用条件。",
            CHINESE,
            "question",
            ("voucher",),
            ("优惠券用不了。", "这张券满 300 元可用，您还差 12 元。", "明白了。"),
        ),
    ),
}
NOTES = {
    "en": (
        "Carrier has been asked twice already.",
        "Customer since 2019, please be quick.",
        "Waits for billing.",
    ),
    "zh": ("已经联系快递两次。", "老客户，请优先处理。", "等待财务确认。"),
}
