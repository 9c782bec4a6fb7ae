"""What a robot says by itself, in the visitor's language, and how it hears that somebody wants a person."""

import re
import unicodedata

from messaging.robots.terms import IDEOGRAPHS
from messaging.robots.words import PERSON, SMALL_TALK

EN = {
    "ask": "Talk to a person",
    "busy": "I am asked a lot at the moment. I will answer this in a minute.",
    "bye": "Goodbye! Write again whenever you like.",
    "failed": "I am sorry, I cannot answer at the moment. A colleague will take over.",
    "handed_over": "I am passing you on to a colleague. Everything you wrote stays here.",
    "hello": "Hello! How can I help you?",
    "mean": "I am not sure that I understand. Do you mean one of these?",
    "miss": "I am sorry, I do not know that. Could you say it in other words?",
    "offer": "Would you like to talk to a person?",
    "thanks": "You are welcome.",
}
ZH = {
    "ask": "转人工",
    "busy": "我现在收到的问题较多，稍后一分钟内会回答您。",
    "bye": "再见，欢迎随时咨询！",
    "failed": "抱歉，我暂时无法回答，马上为您转接人工客服。",
    "handed_over": "正在为您转接人工客服，您发送的内容都会保留。",
    "hello": "您好！请问有什么可以帮您？",
    "mean": "我不太确定您的意思，您想问的是：",
    "miss": "抱歉，我还不了解这个问题，您可以换个说法试试吗？",
    "offer": "需要为您转接人工客服吗？",
    "thanks": "不客气，很高兴能帮到您。",
}

# It asks for a person in so many words.
ASKS = re.compile(
    r"\b(?:talk|speak|chat|connect(?: me)?|transfer(?: me)?|put me through|get me)\b(?: (?:to|with))?"
    r"(?: (?:a|an|the|some|your))?(?: (?:real|live|human))?"
    r" (?:human|person|agent|operator|representative|someone|somebody|colleague|people)\b"
    r"|\b(?:i want|i need|give me|can i have) (?:a|an)(?: (?:real|live|human))?"
    r" (?:human|person|agent|operator)\b"
    r"|转人工|轉人工|接人工|找人工|要人工|叫人工|人工客服|人工服务|真人客服|转客服|找真人"
)
# "I do not want a person" and "不要人工" ask for none.
REFUSES = re.compile(r"\b(?:don'?t|do not|not|no|without|never)\b|不要|不用|不需要|别转|不想")
LANGUAGE = re.compile(r"[a-z]{2,3}")
LONGEST_REQUEST = 200  # characters; a story in which the words occur is a question


def phrase(name: str, language: str) -> str:
    """Return one of the sentences above."""
    return (ZH if language.startswith("zh") else EN)[name]


def language_of(text: str, browser: str) -> str:
    """Return the language to answer in: Chinese where the text has ideographs, else the browser's.

    Only a code of two or three letters comes back: a language model reads it, and the page may say anything.
    """
    if IDEOGRAPHS.search(text):
        return "zh-hans"
    base = browser.lower().replace("_", "-").split("-", 1)[0]
    if base == "zh":
        # Who writes in Latin letters is answered so, whatever the browser speaks.
        return "en" if re.search(r"[a-z]{3}", text.lower()) else "zh-hans"
    return base if LANGUAGE.fullmatch(base) else "en"


def wants_person(text: str) -> bool:
    """Whether a message asks for a person."""
    if len(text) > LONGEST_REQUEST:
        return False
    said = _bare(text)
    if said in PERSON:
        return True
    return bool(ASKS.search(said)) and not REFUSES.search(said)


def small_talk(text: str) -> str:
    """Return the name of the phrase that answers a greeting, thanks or a farewell; "" for anything else."""
    return SMALL_TALK.get(_bare(text[:LONGEST_REQUEST]), "")


def _bare(text: str) -> str:
    """Return the words of a text, without the signs between them."""
    return " ".join(re.findall(r"[^\W_]+(?:'[a-z]+)?", unicodedata.normalize("NFKC", text).lower()))
