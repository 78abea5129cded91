// Why somebody was not reminded, and what would help, as the page of the item says it.

import { Phone } from '../phone/phone.mjs'
import { adds, faultless, offers } from './common.mjs'

const SEND = '/cgi-bin/message/subscribe/send'
const DAY = '2027-02-22T09:01:00+08:00'

/** Each with one push, on the same morning. */
export async function reasons({ world, check, same }) {
  const people = {}
  const comes = async (name, answer) => {
    const phone = await Phone.of(world, name)
    people[name] = phone
    await phone.opens()
    phone.promptAnswers = [answer]
    await adds(phone, '护照', { days: [7] })
    return phone
  }
  const none = await comes('小无', 'reject')
  const blocks = await comes('小堵', 'reject')
  await blocks.does('follow', { via: 'search' })
  await blocks.does('block')
  const denied = await comes('小否', 'accept')
  const worded = await comes('小词', 'accept')
  const lost = await comes('小失', 'accept')
  const fault = (fault, times = 1) => world.post('/sim/faults', { endpoint: SEND, fault, times })

  // One after the other, so that each meets its own.
  for (const [phone, minute] of [denied, worded, lost].map((phone, n) => [phone, `2027-02-0${n + 1}`])) {
    await phone.taps('修改')
    await phone.picks('expires_on', minute)
    await phone.ticks('pushes', [7])
    await phone.taps('保存')
  }
  await fault({ errcode: 43101 }, 3)
  await world.passesTo('2027-01-25T09:30:00+08:00')
  await reads(denied)
  check('no message left: it is said', reason(denied).includes('没有可用的消息授权'), reason(denied))
  check('and what helps', reason(denied).includes('可以再授权一次'), reason(denied))
  await fetch(`${world.control}/sim/faults`, { method: 'DELETE' })

  // The one before is tried again as well.
  await fault({ errcode: 45168 }, 9)
  await world.passesTo('2027-01-26T12:00:00+08:00')
  await reads(worded)
  same(
    'words that WeChat does not allow: the user can change them',
    reason(worded),
    '微信不允许发送这些文字。可以修改名称或备注后再保存',
  )
  await fetch(`${world.control}/sim/faults`, { method: 'DELETE' })

  await fault({ drop_request: true })
  await world.passesTo('2027-01-27T09:00:30+08:00')
  await reads(lost)
  check('no answer: it is being looked for', /微信没有答复|正在等微信的回执/.test(reason(lost)), reason(lost))
  check('and there is nothing to do', reason(lost).includes('不用操作'), reason(lost))

  await world.passesTo(DAY)
  await reads(none)
  same(
    'no channel at all: all of it is said',
    reason(none),
    '没有关注服务号，没有可用的消息授权，服务号还不知道您是谁。可以关注服务号，或可以再授权一次',
  )
  check('and offered', offers(none, '关注服务号') && offers(none, '再授权一次'), none.text())
  check('that it was not told is said above', none.text().includes('有 1 次提醒没有送达'), none.text())
  await none.taps('再授权一次')
  await world.passesTo('2027-02-22T09:04:00+08:00')
  await reads(none)
  check('and once it can be, it is', none.byClass('push')[0].endsWith('已送达（小程序订阅消息）'), none.text())
  await world.passesTo('2027-02-22T09:10:00+08:00')
  await reads(blocks)
  check('a block is said', blocks.text().includes('消息被拒收（您拒收了服务号的消息）'), blocks.text())
  faultless(same, ...Object.values(people))
}

/** Opens the item anew. */
async function reads(phone) {
  await phone.opens({ page: 'pages/list/list' })
  await phone.taps('护照')
}

function reason(phone) {
  return phone.byClass('reason').join(' ')
}
