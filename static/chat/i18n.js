/** The page's words, in English and Simplified Chinese, and its numbers and times. */

export const language = document.documentElement.lang || "en";

const EN = {
  back: "Back to the newest message",
  blocked: "You cannot write here any more.",
  cancel: "Cancel",
  closeChat: "Close the chat",
  closed: "This conversation has ended",
  closedHint: "Write again whenever you like: the conversation goes on here.",
  connecting: "Connecting…",
  conversation: "Conversation",
  delete: "Delete",
  edited: "edited",
  emoji: "Insert an emoji",
  end: "End the conversation",
  endAsk: "End this conversation?",
  failed: "Not sent",
  file: "File",
  forgotten: "Please open the chat again.",
  human: "Talk to a person",
  image: "Picture",
  listening: "We are here for you",
  loading: "Loading…",
  network: "No connection to the desk. It will be tried again.",
  newMessages: "New messages",
  newCount: "{count} new messages",
  newCountOne: "1 new message",
  open: "In conversation",
  older: "Loading earlier messages…",
  rate: "How did we do?",
  rateComment: "Would you like to add something? (optional)",
  rated: "Thank you for your rating.",
  rateSend: "Send rating",
  read: "Read",
  recalled: "This message was withdrawn.",
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
};

const ZH = {
  back: "回到最新消息",
  blocked: "您已无法在此留言。",
  cancel: "取消",
  closeChat: "关闭聊天",
  closed: "本次会话已结束",
  closedHint: "随时可以继续留言，会话将在此继续。",
  connecting: "正在连接…",
  conversation: "会话",
  delete: "删除",
  edited: "已编辑",
  emoji: "插入表情",
  end: "结束会话",
  endAsk: "要结束本次会话吗？",
  failed: "发送失败",
  file: "文件",
  forgotten: "请重新打开聊天。",
  human: "转人工",
  image: "图片",
  listening: "我们随时为您服务",
  loading: "加载中…",
  network: "无法连接客服，稍后将自动重试。",
  newMessages: "新消息",
  newCount: "{count} 条新消息",
  newCountOne: "1 条新消息",
  open: "会话中",
  older: "正在加载更早的消息…",
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
};

/** Return what to tell a visitor about a reason code of the desk. */
export const problemText = (code) => text(CODES[code] ?? "trouble");

const clock = new Intl.DateTimeFormat(language, {hour: "2-digit", minute: "2-digit"});
const exact = new Intl.DateTimeFormat(language, {dateStyle: "full", timeStyle: "short"});
const thisYear = new Intl.DateTimeFormat(language, {weekday: "long", month: "long", day: "numeric"});
const anyYear = new Intl.DateTimeFormat(language, {year: "numeric", month: "long", day: "numeric"});
const minutes = new Intl.NumberFormat(language, {style: "unit", unit: "minute", unitDisplay: "short"});
const number = new Intl.NumberFormat(language);

export const time = (moment) => clock.format(moment);
export const exactly = (moment) => exact.format(moment);
export const count = (value) => number.format(value);

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
