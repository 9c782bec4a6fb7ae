"""The words that robots listen for, and those that they do not hear."""


def _split(text: str) -> list[str]:
    """Return what stands between the commas and line ends of a text."""
    return [said.strip() for said in text.replace("\n", ",").split(",") if said.strip()]


# Chinese and Japanese words that every question is made of.
FILLERS = _split("""
    怎么样,怎么办,怎样,怎么,如何,请问一下,请问,我想要,我想问,我想,我要,想问一下,想问,想要,能不能,可不可以
    能否,可否,是否,可以,需要,应该,麻烦,帮我,告诉我,一下,什么是,是什么,什么,为什么,为何,哪里,哪儿,有没有
    是不是,你们,您们,我们,他们,你,您,我,的,了,吗,呢,吧,啊,呀,嘛,么,是,在,想,要,能,会,有,被,把,请,就,都
    也,和,与,或,怎麼樣,怎麼辦,怎樣,怎麼,請問,什麼,為什麼,嗎,們,ですか,ますか,です,ます,か,を,は,が,に,の
""")
# English ones.
COMMON = frozenset(
    _split("""
    a,about,am,an,and,any,are,as,at,be,been,being,but,by,can,could,did,do,does,doing,for,from,get,got,had,has
    have,hello,hey,hi,how,i,if,im,in,into,is,it,its,ive,just,like,may,me,might,must,my,need,of,on,or,our,please
    s,she,should,so,some,t,tell,thank,thanks,that,the,their,them,then,there,these,they,this,those,to,up,us,want
    was,we,were,what,whats,when,where,which,who,whom,whose,why,will,with,would,you,your,yours
""")
)
# Who says no more than one of these wants a person.
PERSON = frozenset(
    _split("""
    human,person,agent,operator,representative,staff,someone,somebody,real person,live agent,human agent
    human please,a human,an agent,customer service
    人工,转人工,人工客服,人工服务,真人,真人客服,客服,人工座席,轉人工
""")
)
HELLO = """
    hello,hi,hey,hi there,hello there,good morning,good afternoon,good evening
    你好,您好,你好呀,嗨,在吗,在么,哈喽,早上好,下午好,晚上好
"""
THANKS = (
    "thanks,thank you,thank you very much,thanks a lot,many thanks,thx,谢谢,多谢,谢谢你,谢谢您,感谢,非常感谢"
)
BYE = "bye,goodbye,good bye,bye bye,see you,再见,拜拜"
# What needs no knowledge to be answered, by the name of the phrase that answers it.
SMALL_TALK = {
    said: name
    for name, all_said in (("hello", HELLO), ("thanks", THANKS), ("bye", BYE))
    for said in _split(all_said)
}
