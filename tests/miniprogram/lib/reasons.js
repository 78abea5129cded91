// Made of src/reasons.mjs by tools/commonjs.mjs: change that.
/**
 * Why a push is where it is, in the words of a mini program, and what would help. The API says it in words of a list
 * (`not_following, no_credit`), or in English: `mini_subscription: 43101 the user has not subscribed, …`.
 */

/** @import { Remedy, Words } from './index.js' */

/** @type {Record<Remedy, string>} */
const REMEDIES = {
  follow: '可以关注服务号',
  subscribe: '可以再授权一次',
  allow: '可以在服务号的设置里允许接收消息',
  edit: '可以修改名称或备注后再保存',
  postpone: '可以修改到期日',
  again: '需要的话可以重新设置提醒',
  wait: '会自动处理，不用操作',
  owner: '需要服务方处理，可以联系客服',
}

/** @typedef {[text: string, ...remedies: Remedy[]]} Row */

/**
 * The words of the list.
 * @type {Record<string, Row>}
 */
const WORDS = {
  not_following: ['没有关注服务号', 'follow'],
  not_linked: ['服务号还不知道您是谁', 'follow'],
  no_credit: ['没有可用的消息授权', 'subscribe'],
  no_subscription: ['没有订阅此类消息', 'subscribe'],
  no_service_account: ['没有可用的服务号', 'owner'],
  service_template_refused: ['微信没有接收服务号消息', 'owner'],
  mini_subscription_refused: ['微信没有接收小程序订阅消息', 'subscribe'],
  service_notification_refused: ['微信没有接收服务号订阅通知', 'owner'],
  service_template_not_configured: ['没有启用服务号消息', 'owner'],
  mini_subscription_not_configured: ['没有启用小程序订阅消息', 'owner'],
  service_notification_not_configured: ['没有启用服务号订阅通知', 'owner'],
  template_not_in_settings: ['消息模板已停用', 'owner'],
  user_unknown: ['用户资料已经删除'],
  quiet_hours: ['免打扰时段结束后发送', 'wait'],
  expired: ['物品已经到期', 'postpone'],
  done: ['物品已处理'],
  deleted: ['物品已删除'],
  past: ['保存时已经过了提醒时间'],
  told_already: ['另一次提醒已经送出'],
}

/**
 * WeChat's codes that mean something to the user; of all others the owner or time takes care.
 * @type {Record<number, Row>}
 */
const CODES = {
  40003: ['微信找不到您的账号', 'owner'],
  40226: ['微信限制了此账号', 'owner'],
  40249: ['微信不允许发送这些文字', 'edit'],
  43004: ['没有关注服务号', 'follow'],
  43005: ['没有关注服务号', 'follow'],
  43019: ['已被服务号拉黑', 'owner'],
  43101: ['没有可用的消息授权，或已被关闭', 'subscribe', 'allow'],
  43117: ['最近发给您的消息太多', 'wait'],
  45001: ['微信不接收这条消息的内容', 'edit'],
  45002: ['消息太长', 'edit'],
  45009: ['今天的消息额度已经用完', 'wait'],
  45015: ['超出了客服回复的时间', 'owner'],
  45047: ['超出了客服回复的次数', 'owner'],
  45168: ['微信不允许发送这些文字', 'edit'],
  46004: ['微信找不到您的账号', 'owner'],
  47003: ['有文字不符合消息模板的格式', 'edit'],
  48002: ['您拒收了服务号的消息', 'allow'],
  50005: ['没有关注服务号', 'follow'],
  70000: ['微信的未成年人保护限制了此消息'],
}

/**
 * Sentences, by what they contain; the first that fits is said.
 * @type {[RegExp, Row][]}
 */
const SENTENCES = [
  [/^no accepted prompt is left/, ['没有可用的消息授权', 'subscribe']],
  [/^the user refuses this account's messages/, ['您拒收了服务号的消息', 'allow']],
  [/^WeChat could not deliver it/, ['微信未能送达', 'wait']],
  [/^WeChat gave no access_token/, ['暂时连不上微信', 'wait']],
  [/^the secrets have no /, ['没有启用这个账号', 'owner']],
  [/^not sent \(|^the time of this run was up/, ['暂时连不上微信', 'wait']],
  [/^nobody knows whether it was sent/, ['微信没有答复', 'wait']],
  [/^cannot be made/, ['消息无法生成', 'owner']],
  [/^it expired before it could be sent/, ['没来得及发送，物品已经到期', 'postpone']],
  [/^its receipt is looked for/, ['正在等微信的回执', 'wait']],
  [/^it is repeated after the quiet hours/, ['免打扰时段结束后再发', 'wait']],
  [/^the attempt was lost before it was sent/, ['上次发送中断，没有送出', 'wait']],
  [/^WeChat did not take it/, ['微信没有收下，会再发', 'wait']],
  [/^no receipt came; it may or may not have arrived/, ['没有收到微信的回执，可能已经送达', 'again']],
  [/^its receipt was found/, ['已找到微信的回执']],
  [/^its credit was used/, ['授权已经用掉，应该已经送达']],
  [/^repeated|^no receipt came/, ['没有收到回执，再发一次', 'wait']],
  [/^a channel reaches the user again/, ['现在可以送达了', 'wait']],
  [/^asked for again/, ['您要求再次提醒', 'wait']],
  [/^the settings have changed|^an operator's word/, ['服务方已经处理', 'wait']],
  [/^an earlier push goes first/, ['让更早的提醒先发送', 'wait']],
  [/^another push told it already/, ['另一次提醒已经送出']],
  [/^its instant had passed/, ['保存时已经过了提醒时间']],
  [/^the run that was sending it did not come back/, ['发送中断', 'wait']],
  [/^WeChat took it/, ['微信已经收下']],
]

/** @type {Row} */
const NOT_TAKEN = ['微信没有接收这条消息', 'owner']
/** @type {Row} */
const OTHER = ['服务方的系统有情况', 'owner']

/**
 * A word of the list, a code, or a sentence; its parts are joined.
 * @param {string} reason
 * @returns {Row[]}
 */
function rowsOf(reason) {
  const plain = reason
    .replace(/^of revision \d+: /, '')
    .replace(/^(?:service_template|mini_subscription|service_notification): /, '')
    .replace(/; again at [^;]*$/, '')
  const words = plain.split(', ')
  if (words.every((word) => WORDS[word])) return words.map((word) => WORDS[word])
  const [, code] = /^(-?\d+) /.exec(plain) || []
  if (code) return [CODES[Number(code)] || NOT_TAKEN]
  const sentence = SENTENCES.find(([pattern]) => pattern.test(plain))
  return [sentence ? sentence[1] : OTHER]
}

/** @type {import('./index.js').reasonWords} */
function reasonWords(reason) {
  if (!reason) return { text: '', remedies: [] }
  const rows = rowsOf(reason)
  /** @type {Words} */
  const words = { text: unlike(rows.map(([text]) => text)).join('，'), remedies: [] }
  words.remedies = unlike(rows.flatMap(([, ...remedies]) => remedies))
  // What the user can do goes before what others would have to.
  if (words.remedies.length > 1) words.remedies = words.remedies.filter((one) => one !== 'owner' && one !== 'wait')
  return words
}

/** @type {import('./index.js').remedyText} */
function remedyText(remedies) {
  return remedies.map((one) => REMEDIES[one]).join('，或')
}

/**
 * @template T
 * @param {T[]} values
 */
function unlike(values) {
  return values.filter((one, at) => values.indexOf(one) === at)
}

module.exports = { reasonWords, remedyText }
