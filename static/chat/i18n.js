/** The page's words, in English and Simplified Chinese, and its numbers and times. */

export const language = document.documentElement.lang || "en";

const EN = {
  attach: "Send files (at most {size} each)",
  answersNow: "Somebody answers you now: go on in the chat.",
  away: "We are not here right now",
  back: "Back to the newest message",
  backAt: "We are back {time}.",
  backNow: "We are here again.",
  blocked: "You cannot write here any more.",
  cancel: "Cancel",
  close: "Close",
  chatInstead: "Send it in the chat",
  checkForm: "Please check what you have written.",
  closeChat: "Close the chat",
  closed: "This conversation has ended",
  closedHint: "Write again whenever you like: the conversation goes on here.",
  connecting: "Connecting…",
  contactMissing: "Please give an e-mail address or a phone number.",
  conversation: "Conversation",
  delete: "Delete",
  download: "Download",
  dropHere: "Drop files here to send them",
  edited: "edited",
  emailWrong: "Please check the e-mail address.",
  emoji: "Insert an emoji",
  end: "End the conversation",
  endAsk: "End this conversation?",
  enlarge: "Enlarge {name}",
  failed: "Not sent",
  file: "File",
  fileEmpty: "The file is empty.",
  fileLost: "Please choose the file again.",
  fileTooBig: "The file is too large.",
  fileTooLarge: "A file may have at most {size}.",
  fileType: "Files of this kind are not taken here.",
  forgotten: "Please open the chat again.",
  human: "Talk to a person",
  image: "Picture",
  keepWaiting: "Keep waiting",
  leaveAnother: "Leave another message",
  leaveHint: "Leave a message, and we will answer you by e-mail or phone. One of the two is enough.",
  leaveInstead: "Leave a message instead",
  leaveSend: "Leave message",
  leaveTitle: "Leave a message",
  leftEnough: "We have your messages. Please wait a while before you leave another one.",
  leftHint: "We have your message and will answer to",
  listening: "We are here for you",
  loading: "Loading…",
  messageMissing: "Please write a message.",
  network: "No connection to the desk. It will be tried again.",
  newMessages: "New messages",
  newCount: "{count} new messages",
  newCountOne: "1 new message",
  open: "In conversation",
  older: "Loading earlier messages…",
  phoneWrong: "Please check the phone number.",
  rate: "How did we do?",
  rateComment: "Would you like to add something? (optional)",
  rated: "Thank you for your rating.",
  rateSend: "Send rating",
  read: "Read",
  recalled: "This message was recalled.",
  reconnecting: "Connection lost. Trying again…",
  refused: "The chat could not be opened.",
  retry: "Try again",
  send: "Send",
  sending: "Sending…",
  sent: "Sent",
  signature: "Your identity could not be confirmed. Please reload the page.",
  soundOff: "Switch the sound off",
  soundOn: "Switch the sound on",
  star: "{count} of 5 stars",
  suggestions: "Suggested answers",
  support: "Support",
  thanks: "Thank you!",
  thanksName: "Thank you, {name}!",
  throttled: "That was a bit fast. It goes on in a moment.",
  tooLong: "At most {count} characters",
  today: "Today",
  typing: "{name} is writing…",
  trouble: "Something went wrong. Please try again.",
  visitor: "You",
  waiting: "Waiting",
  waitingAbout: "about {time}",
  waitingPosition: "position {count}",
  welcome: "Hello! How can we help you?",
  withTeam: "with {team}",
  write: "Write a message…",
  yesterday: "Yesterday",
  yourEmail: "E-mail",
  yourMessage: "Your message",
  yourName: "Your name (optional)",
  yourPhone: "Phone",
};

const ZH = {
  attach: "发送文件（每个不超过 {size}）",
  answersNow: "客服已开始为您服务，请在聊天中继续。",
  away: "我们目前不在线",
  back: "回到最新消息",
  backAt: "我们将于{time}恢复服务。",
  backNow: "我们已恢复在线。",
  blocked: "您已无法在此留言。",
  cancel: "取消",
  close: "关闭",
  chatInstead: "在聊天中发送",
  checkForm: "请检查您填写的内容。",
  closeChat: "关闭聊天",
  closed: "本次会话已结束",
  closedHint: "随时可以继续留言，会话将在此继续。",
  connecting: "正在连接…",
  contactMissing: "请填写邮箱或电话。",
  conversation: "会话",
  delete: "删除",
  download: "下载",
  dropHere: "拖放到此处即可发送",
  edited: "已编辑",
  emailWrong: "请检查邮箱地址。",
  emoji: "插入表情",
  end: "结束会话",
  endAsk: "要结束本次会话吗？",
  enlarge: "放大 {name}",
  failed: "发送失败",
  file: "文件",
  fileEmpty: "文件为空。",
  fileLost: "请重新选择该文件。",
  fileTooBig: "文件过大。",
  fileTooLarge: "文件不能超过 {size}。",
  fileType: "不支持发送此类文件。",
  forgotten: "请重新打开聊天。",
  human: "转人工",
  image: "图片",
  keepWaiting: "继续等待",
  leaveAnother: "再留一条消息",
  leaveHint: "请留言，我们会通过邮箱或电话回复您，两者填写其一即可。",
  leaveInstead: "改为留言",
  leaveSend: "提交留言",
  leaveTitle: "留言",
  leftEnough: "我们已收到您的留言，请稍后再留言。",
  leftHint: "我们已收到您的留言，将回复至",
  listening: "我们随时为您服务",
  loading: "加载中…",
  messageMissing: "请填写留言内容。",
  network: "无法连接客服，稍后将自动重试。",
  newMessages: "新消息",
  newCount: "{count} 条新消息",
  newCountOne: "1 条新消息",
  open: "会话中",
  older: "正在加载更早的消息…",
  phoneWrong: "请检查电话号码。",
  rate: "您对本次服务满意吗？",
  rateComment: "还想补充什么吗？（选填）",
  rated: "感谢您的评价。",
  rateSend: "提交评价",
  read: "已读",
  recalled: "此消息已撤回。",
  reconnecting: "连接已断开，正在重试…",
  refused: "无法打开聊天。",
  retry: "重试",
  send: "发送",
  sending: "发送中…",
  sent: "已发送",
  signature: "无法确认您的身份，请刷新页面。",
  soundOff: "关闭提示音",
  soundOn: "打开提示音",
  star: "{count} 星（满分 5 星）",
  suggestions: "快捷回复",
  support: "在线客服",
  thanks: "谢谢！",
  thanksName: "{name}，谢谢您！",
  throttled: "操作过快，请稍候片刻。",
  tooLong: "最多 {count} 个字符",
  today: "今天",
  typing: "{name} 正在输入…",
  trouble: "出了点问题，请重试。",
  visitor: "您",
  waiting: "排队中",
  waitingAbout: "约 {time}",
  waitingPosition: "第 {count} 位",
  welcome: "您好！请问有什么可以帮您？",
  withTeam: "{team}",
  write: "输入消息…",
  yesterday: "昨天",
  yourEmail: "邮箱",
  yourMessage: "留言内容",
  yourName: "您的称呼（选填）",
  yourPhone: "电话",
};

const TEXTS = language.startsWith("zh") ? ZH : EN;

/** Return a text of the page; `{name}` in it is filled from `values`. */
export function text(name, values = {}) {
  return (TEXTS[name] ?? EN[name] ?? name).replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
}

const CODES = {
  visitor_blocked: "blocked",
  throttled: "throttled",
  session_ended: "forgotten",
  identity_invalid: "signature",
  offline: "network",
  unavailable: "network",
  uploads_busy: "throttled",
  file_lost: "fileLost",
  type_not_allowed: "fileType",
  blank: "fileEmpty",
  body_too_large: "fileTooBig",
};

/** Return what to tell a visitor about a reason code of the desk. */
export const problemText = (code) => text(CODES[code] ?? "trouble");

const clock = new Intl.DateTimeFormat(language, {timeStyle: "short"});
const exact = new Intl.DateTimeFormat(language, {dateStyle: "full", timeStyle: "short"});
const thisYear = new Intl.DateTimeFormat(language, {weekday: "long", month: "long", day: "numeric"});
const anyYear = new Intl.DateTimeFormat(language, {year: "numeric", month: "long", day: "numeric"});
const minutes = new Intl.NumberFormat(language, {style: "unit", unit: "minute", unitDisplay: "short"});
const unit = (name) => new Intl.NumberFormat(language, {style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: 1});
const sizes = ["byte", "kilobyte", "megabyte"].map(unit);
const number = new Intl.NumberFormat(language);

export const time = (moment) => clock.format(moment);
export const exactly = (moment) => exact.format(moment);
export const count = (value) => number.format(value);

/** Return the size of a file in its largest unit. */
export function bytes(size) {
  const step = size < 1024 ? 0 : size < 1024 ** 2 ? 1 : 2;
  return step ? sizes[step].format(size / 1024 ** step) : `${number.format(size)} B`;
}

const soon = new Intl.DateTimeFormat(language, {weekday: "long", hour: "2-digit", minute: "2-digit"});
const later = new Intl.DateTimeFormat(language, {month: "long", day: "numeric", hour: "2-digit", minute: "2-digit"});

/** Return a moment to come: its time, with its weekday, or with its date when that is a week away. */
export function opening(moment, now = new Date()) {
  const days = Math.round((midnight(moment) - midnight(now)) / 86_400_000);
  return (days < 1 ? clock : days < 7 ? soon : later).format(moment);
}

/** Return a wait in seconds as whole minutes, never none. */
export const wait = (seconds) => minutes.format(Math.max(1, Math.round(seconds / 60)));

/** Return the name of a moment's day: today, yesterday, or its date. */
export function day(moment, now = new Date()) {
  const days = Math.round((midnight(now) - midnight(moment)) / 86_400_000);
  if (days <= 0) return text("today");
  if (days === 1) return text("yesterday");
  return (moment.getFullYear() === now.getFullYear() ? thisYear : anyYear).format(moment);
}

const midnight = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate());
