// Made of src/words.mjs by tools/commonjs.mjs: change that.
/**
 * What the API says, in the words of a mini program. They state facts and what can be done about them; they do not press
 * (docs/wechat.md §14.16).
 */

const { reasonWords, remedyText } = require('./reasons.js')

/** @import { Push, TimelineEntry } from './index.js' */

/** @type {Record<Push['state'], string>} */
const PUSH_STATES = {
  scheduled: '待发送',
  sending: '发送中',
  retrying: '稍后重试',
  sent: '已发送',
  delivered: '已送达',
  unknown: '未确认送达',
  undeliverable: '无法送达',
  skipped: '已跳过',
  cancelled: '已取消',
}

/** @type {Record<string, string>} */
const CHANNELS = {
  service_template: '服务号消息',
  mini_subscription: '小程序订阅消息',
  service_notification: '服务号订阅通知',
}

/**
 * What happens to a reminder or to a push of it.
 * @type {Record<string, string>}
 */
const EVENTS = {
  registered: '已保存',
  planned: '已安排',
  renewed: '已修改',
  claimed: '开始发送',
  sent: '已发送',
  delivered: '已送达',
  refused: '这个渠道没有送出',
  retrying: '稍后重试',
  unresolved: '正在确认是否送达',
  unknown: '未确认送达',
  undeliverable: '无法送达',
  postponed: '推迟发送',
  armed: '重新安排发送',
  skipped: '已跳过',
  abandoned: '发送中断，正在确认是否送达',
  blocked: '消息被拒收',
  failed: '微信未能送达',
  snoozed: '已设为稍后提醒',
  repeated: '进入下一周期',
  reopened: '已恢复提醒',
  done: '标记为已处理',
  deleted: '已删除',
  webhook: '已通知服务方的系统',
}

/** Of the events whose detail says why. */
const EVENTS_WITH_REASON = [
  'refused',
  'retrying',
  'unresolved',
  'unknown',
  'undeliverable',
  'postponed',
  'armed',
  'skipped',
  'blocked',
  'failed',
]

/**
 * What is wrong with a field, by `code`; its `params` have the numbers.
 * @type {Record<string, (params: Record<string, any>, field: string) => string>}
 */
const RULES = {
  required: () => '请填写',
  length: ({ min, max }) => (min ? '请填写 ' + min + ' 至 ' + max + ' 个字' : '最多 ' + max + ' 个字'),
  range: ({ min, max }) => '请填写 ' + min + ' 至 ' + max + ' 之间的数',
  count: ({ min, max }) => '请选择 ' + min + ' 至 ' + max + ' 项',
  one_of: () => '请从列出的选项里选择',
  format: () => '格式不对，请重新填写',
  characters: () => '有不能使用的字符',
  conflict: () => '与其他内容冲突',
  duplicate: (_, field) => (field.startsWith('pushes') ? '与另一次提醒是同一时间' : '与前面的一项重复'),
  past: () => '时间已经过去',
  too_soon: ({ minutes }, field) => ofExpiry(field) + '至少要在 ' + minutes + ' 分钟以后',
  too_far: ({ years }, field) => ofExpiry(field) + '最多在 ' + years + ' 年以内',
  too_close_to_expiry: ({ minutes }) => '必须早于到期时间至少 ' + minutes + ' 分钟',
  not_relative: () => '按周期重复时，请选择提前几天',
  not_within_period: () => '提前的时间必须短于重复周期',
  unknown_template: () => '消息模板已停用',
  not_configured: () => '没有启用这种消息',
  does_not_fit: ({ rule, max }) =>
    ({
      empty: '请填写文字，表情符号不算',
      too_long: max ? '最多 ' + max + ' 个字' : '内容太长',
      unprintable: '不能有表情符号或换行',
    })[/** @type {string} */ (rule)] || '不符合消息模板的格式',
  misplaced: () => '不能填在这里',
  placeholder: () => '不能使用占位符',
  more_faults: () => '还有其他内容需要修改',
}

/** @param {string} field */
function ofExpiry(field) {
  return field.startsWith('expires') ? '到期时间' : ''
}

/**
 * Failures by `code`.
 * @type {Record<string, string>}
 */
const FAILURES = {
  offline: '网络不通，请稍后再试',
  login_failed: '微信登录失败，请稍后再试',
  unreadable: '服务暂时繁忙，请稍后再试',
  relay_not_answered: '网络不通，请稍后再试',
  unauthorized: '登录已失效，请重新打开小程序',
  code_rejected: '微信登录失败，请稍后再试',
  user_blocked: '此账号暂时无法使用',
  not_found: '找不到这个物品，可能已经删除',
  done: '这个物品已经处理过，不能再修改',
  expired: '这个物品已经到期，请修改到期日',
  too_many_snoozes: '稍后提醒最多三次，请直接修改提醒时间',
  revision_mismatch: '这个物品刚在别处修改过，请核对后再保存',
  invalid: '有内容需要修改',
  idempotency_key_reused: '这个物品已经保存过，请从列表中打开',
  too_many_reminders: '物品已满，请先删除一些',
  too_many_requests: '今天保存得太多了，请明天再试',
  no_service_account: '暂时没有可以关注的服务号',
  wechat_unavailable: '微信暂时没有响应，请稍后再试',
  unavailable: '服务暂时繁忙，请稍后再试',
}

/** Of a push that was snoozed: its number is above these. */
const NUMBERED_MAX = 3

/**
 * A failed call as one sentence. What is missing here is the program's to mend, and nothing that the user can do.
 * @type {import('./index.js').failureText}
 */
function failureText(error) {
  return FAILURES[error.code || ''] || '出错了，请稍后再试'
}

/**
 * `{ title: '…', pushes: '第 2 次提醒：…' }`. An error in a part of a field, such as `pushes[1].time`, is shown at the field.
 * @type {import('./index.js').fieldTexts}
 */
function fieldTexts(error) {
  /** @type {Record<string, string>} */
  const texts = {}
  for (const { field, code, params } of error.errors || []) {
    const [, name = field, index] = /^([a-z_]+)(?:\[(\d+)\])?/.exec(field) || []
    const rule = RULES[code]
    // What is missing here is the program's to mend.
    const said = rule ? rule(params || {}, field) : '填写有误'
    const text = (index ? '第 ' + (Number(index) + 1) + ' 次提醒：' : '') + said
    texts[name] = texts[name] ? texts[name] + '；' + text : text
  }
  return texts
}

/**
 * The API answers in the reminder's own time zone.
 * @type {import('./index.js').momentText}
 */
function momentText(instant) {
  const [, date = '', time] = /^(\d+-\d+-\d+)T(\d+:\d+)/.exec(instant) || []
  return dayText(date) + (time === '00:00' ? '' : ' ' + time)
}

/** @type {import('./index.js').dayText} */
function dayText(date) {
  const [year, month, day] = date.split('-').map(Number)
  return year + '年' + month + '月' + day + '日'
}

/** @type {import('./index.js').expiryText} */
function expiryText({ expires_at, expires_on }) {
  return expires_on ? dayText(expires_on) : momentText(expires_at)
}

/** @type {import('./index.js').repeatText} */
function repeatText(every) {
  const [, count = '', unit = ''] = /^P(\d+)([WMY])$/.exec(every) || []
  const units = /** @type {Record<string, string>} */ ({ W: '周', M: '个月', Y: '年' })
  return '每 ' + count + ' ' + (units[unit] || '')
}

/** @type {import('./index.js').pushText} */
function pushText(push) {
  const channel = CHANNELS[push.channel || '']
  return PUSH_STATES[push.state] + (channel ? '（' + channel + '）' : '')
}

/** @type {import('./index.js').pushReasonText} */
function pushReasonText(push) {
  const { text, remedies } = reasonWords(push.reason)
  // What was told, or given up by the user, needs no advice.
  const over = push.state === 'skipped' || push.state === 'cancelled'
  const remedy = over ? '' : remedyText(remedies)
  return [text, remedy].filter(Boolean).join('。')
}

/** @type {import('./index.js').entryText} */
function entryText(entry) {
  const n = entry.push
  const about = !n ? '' : n > NUMBERED_MAX ? '稍后的提醒：' : '第 ' + n + ' 次提醒：'
  return about + (EVENTS[entry.event] || '有新的进展') + why(entry)
}

/** @param {TimelineEntry} entry */
function why({ event, detail = '' }) {
  if (event === 'claimed') {
    const channel = CHANNELS[detail.split(':')[0]]
    return channel ? '（' + channel + '）' : ''
  }
  const text = EVENTS_WITH_REASON.includes(event) ? reasonWords(detail).text : ''
  return text ? '（' + text + '）' : ''
}

/**
 * What `coverage` means for the user.
 * @type {import('./index.js').coverageText}
 */
function coverageText({ pushes, covered, resting }) {
  const rest = resting ? '有 ' + resting + ' 次提醒没有送达' : ''
  if (pushes === 0) return rest
  const toCome = '还有 ' + pushes + ' 次提醒，' + (covered === pushes ? '都能送达' : '其中 ' + covered + ' 次能送达')
  return rest ? toCome + '；' + rest : toCome
}

/**
 * What the user answered to a prompt, if no message can be sent for it.
 * @type {import('./index.js').refusalText}
 */
function refusalText(asked) {
  if (asked.accepted.length > 0) return ''
  if (asked.rejected.length > 0) return '您没有同意接收消息'
  if (asked.banned.length > 0) return '此类消息已被微信停用'
  if (asked.filtered.length > 0) return '此类消息暂时无法授权'
  // It can be asked for again on the item's page.
  if (asked.problem === 'no_tap') return ''
  return asked.problem ? '暂时无法授权接收消息' : ''
}

module.exports = { failureText, fieldTexts, momentText, dayText, expiryText, repeatText, pushText, pushReasonText, entryText, coverageText, refusalText }
