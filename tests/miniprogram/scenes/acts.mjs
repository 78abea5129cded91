// What a message leads to, and what else the page of an item can do.

import { Phone } from '../phone/phone.mjs'
import { adds, faultless, offers, told } from './common.mjs'

const buttons = (phone) => phone.all((one) => one.tag === 'button' && one.handlers.tap).map((one) => one.handlers.tap)

/** A tap on the message leads to one button. */
export async function acts({ world, check, same }) {
  const phone = await Phone.of(world, '小点')
  await phone.opens()
  await adds(phone, '牛奶', { date: '2027-01-20', days: [3] })
  check('opened from the list there is no such button above', !actCard(phone), phone.text())
  await world.passesTo('2027-01-17T09:01:00+08:00')
  const [message] = await told(phone)
  phone.dies()
  await phone.tapsMessage(message)
  check('the message leads to its item', phone.byClass('title')[0] === '牛奶', phone.at)
  check(
    'by the reminder’s own id',
    !phone.at.includes('reminder_id') && /&id=[a-z2-7]{20}&act=done$/.test(phone.at),
    phone.at,
  )
  same('with one button above all', actCard(phone), ['onDone'])
  same('and not again below', buttons(phone).filter((one) => one === 'onDone').length, 1)
  await phone.taps('明天再提醒')
  check('it may be put off', phone.text().includes('已设为稍后提醒'), phone.text())
  same('by a push more', phone.byClass('push').length, 2)
  await phone.taps('再授权一次')
  await world.passesTo('2027-01-18T09:30:00+08:00')
  const [, second] = await told(phone)
  check('which comes tomorrow', second?.at.startsWith('2027-01-18'), second)
  await phone.tapsMessage(second)
  await phone.taps('已处理')
  check('one tap, and it is done', phone.text().includes('标记为已处理'), phone.text())
  check('the button is gone', !actCard(phone) && !offers(phone, '已处理'), phone.text())
  await phone.taps('恢复')
  check('and may be taken back', phone.text().includes('已恢复提醒') && offers(phone, '已处理'), phone.text())
  await phone.opens({ page: phone.at.replace('act=done', 'act=snooze') })
  same('another message may lead to the other button', actCard(phone), ['onSnooze'])
  await phone.opens({ page: phone.at.replace('act=snooze', 'act=delete') })
  same('and none to anything else', actCard(phone), null)
  faultless(same, phone)
}

/** The handlers of the buttons above. */
function actCard(phone) {
  const [card] = phone.all((one) => one.attributes.class === 'card')
  const [box] = card.children.filter((one) => one.attributes?.class === 'buttons')
  return box ? box.children.map((one) => one.handlers.tap) : null
}

/** It begins anew. */
export async function periods({ world, check, same }) {
  const phone = await Phone.of(world, '小周')
  await phone.opens()
  await phone.taps('添加物品')
  await phone.types('title', '车险')
  await phone.picks('expires_on', '2027-02-10')
  await phone.ticks('pushes', [3])
  await phone.picks('repeat', '1')
  await phone.taps('保存')
  check('it says so', phone.text().includes('每 1 个月重复'), phone.text())
  check('and until when', phone.text().includes('2027年2月10日 到期'), phone.text())
  await phone.taps('已处理')
  check(
    'done, it begins anew',
    phone.text().includes('进入下一周期') && phone.text().includes('2027年3月10日 到期'),
    phone.text(),
  )
  await phone.taps('修改')
  await phone.ticks('pushes', [30])
  await phone.taps('保存')
  same('a lead as long as the period is refused', phone.errorAt('pushes'), '第 1 次提醒：提前的时间必须短于重复周期')
  await phone.picks('repeat', '0')
  await phone.taps('保存')
  check('without the period it is not', !phone.text().includes('重复') && phone.text().includes('车险'), phone.text())
  faultless(same, phone)
}

/** What no message would bring can be put into the phone's calendar. */
export async function calendar({ world, check, same }) {
  const phone = await Phone.of(world, '小历')
  await phone.opens()
  await adds(phone, '护照')
  check('what nothing covers is offered', phone.text().includes('2027年2月22日 09:00 的提醒还没有授权'), phone.text())
  await phone.taps('加入手机日历')
  const { addPhoneCalendar: entry, taken } = phone.opened.at(-1)
  same('in the tap', taken, true)
  same(
    'at its minute',
    [entry.title, entry.startTime],
    ['护照 2027-03-01 到期', Date.parse('2027-02-22T09:00:00+08:00') / 1000],
  )
  check('then the next is', phone.text().includes('2027年2月28日 09:00 的提醒还没有授权'), phone.text())
  phone.refuses = ['addPhoneCalendar']
  await phone.taps('加入手机日历')
  same('a no is a no', phone.toasts.at(-1), '没有加入手机日历')
  phone.refuses = []
  await phone.taps('加入手机日历')
  check('none is offered twice', !phone.text().includes('手机日历'), phone.text())
  await phone.opens({ page: 'pages/list/list' })
  await phone.taps('护照')
  check('nor later', !phone.text().includes('手机日历'), phone.text())

  const old = await Phone.of(world, '小旧', { library: '2.14.4' })
  await old.opens()
  await adds(old, '护照')
  check('a phone without one is offered none', !old.text().includes('手机日历'), old.text())
  faultless(same, phone, old)
}
