/**
 * What the API says, in the words of this mini program.
 */

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

const CHANNELS = {
  service_template: '服务号消息',
  mini_subscription: '小程序订阅消息',
  service_notification: '服务号订阅通知',
}

const EVENTS = {
  registered: '已保存',
  planned: '已安排',
  renewed: '已修改',
  claimed: '开始发送',
  postponed: '推迟发送',
  done: '标记为已处理',
  deleted: '已删除',
}

/** Rules of the API by how their message begins; the first that fits is said. */
const RULES = [
  ['must be 1 to 200 characters', '请填写 1 至 200 个字'],
  ['must be at most 500 characters', '最多 500 个字'],
  ['must not be empty', '请填写文字，表情符号不算'],
  ['must not contain emoji', '不能有表情符号或换行'],
  ['must be at least 15 minutes ahead', '到期时间至少要在 15 分钟以后'],
  ['must be at most 30 years ahead', '到期时间最多在三十年以内'],
  ['must be 1 to 3 pushes', '请选择一至三次提醒'],
  ['must be another moment than', '与另一次提醒是同一时间'],
  ['must be at least 10 minutes before expires_at', '必须早于到期时间至少 10 分钟'],
  ['must not be in the past', '时间已经过去'],
]

/** Failures by `code`. */
const FAILURES = {
  offline: '网络不通，请稍后再试',
  login_failed: '微信登录失败，请稍后再试',
  unauthorized: '登录已失效，请重新打开小程序',
  code_rejected: '微信登录失败，请稍后再试',
  user_blocked: '此账号暂时无法使用',
  not_found: '找不到这个物品，可能已经删除',
  done: '这个物品已经处理过，不能再修改',
  revision_mismatch: '这个物品刚在别处修改过，请核对后再保存',
  invalid: '有内容需要修改',
  too_many_reminders: '物品已满，请先删除一些',
  too_many_requests: '今天保存得太多了，请明天再试',
  no_service_account: '暂时没有可以关注的服务号',
  wechat_unavailable: '微信暂时没有响应，请稍后再试',
  unavailable: '服务暂时繁忙，请稍后再试',
}

/** A failed call as one sentence. */
function failureText(error) {
  return FAILURES[error.code] || '出错了，请稍后再试'
}

/**
 * A failed call by the fields of a form: `{ title: '…', pushes: '第 2 次提醒：…' }`. An error in a part of a field, such
 * as `pushes[1].time`, is shown at the field.
 */
function fieldTexts(error) {
  const texts = {}
  for (const { field, message } of error.errors || []) {
    const [, name, index] = /^([a-z_]+)(?:\[(\d+)\])?/.exec(field) || [null, field]
    const rule = RULES.find(([beginning]) => message.startsWith(beginning))
    const text = (index ? '第 ' + (Number(index) + 1) + ' 次提醒：' : '') + (rule ? rule[1] : message)
    texts[name] = texts[name] ? texts[name] + '；' + text : text
  }
  return texts
}

/** `2027-03-01T09:00:00+08:00` as `2027年3月1日 09:00`. The API answers in the reminder's own time zone. */
function momentText(instant) {
  const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T(\d+:\d+)/.exec(instant)
  return dayText(year + '-' + month + '-' + day) + (time === '00:00' ? '' : ' ' + time)
}

/** `2027-03-01` as `2027年3月1日`. */
function dayText(date) {
  const [year, month, day] = date.split('-').map(Number)
  return year + '年' + month + '月' + day + '日'
}

function pushText(push) {
  const channel = CHANNELS[push.channel]
  return PUSH_STATES[push.state] + (channel ? '（' + channel + '）' : '')
}

function entryText(entry) {
  const about = entry.push ? '第 ' + entry.push + ' 次提醒' : ''
  return about + (EVENTS[entry.event] || PUSH_STATES[entry.event] || entry.event)
}

/** What `coverage` means for the user. */
function coverageText({ pushes, covered }) {
  if (pushes === 0) return ''
  if (covered === pushes) return '还有 ' + pushes + ' 次提醒，都能送达'
  return '还有 ' + pushes + ' 次提醒，其中 ' + covered + ' 次能送达'
}

/** What the user answered to a prompt, if no message can be sent for it; see `Asked` in subscriptions.js. */
function refusalText(asked) {
  if (asked.accepted.length > 0) return ''
  if (asked.rejected.length > 0) return '您没有同意接收消息'
  if (asked.banned.length > 0) return '此类消息已被微信停用'
  if (asked.filtered.length > 0) return '此类消息暂时无法授权'
  return asked.problem ? '暂时无法授权接收消息' : ''
}

module.exports = { refusalText, failureText, fieldTexts, momentText, dayText, pushText, entryText, coverageText }
