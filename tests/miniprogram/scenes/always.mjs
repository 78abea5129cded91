// Save first, and ask only for what is missing; and whoever always accepts is asked no more.

import { Phone } from '../phone/phone.mjs'
import { SUBSCRIPTION, adds, apiOf, faultless, itemOn, offers, posts, told } from './common.mjs'

/** The item is saved before anything is asked, and whatever is answered. */
export async function saveFirst({ world, check, same }) {
  const phone = await Phone.of(world, '小先')
  await phone.opens()
  phone.promptAnswers = ['reject']
  await adds(phone, '护照', { days: [7] })
  const order = phone.requests.filter((one) => one.method === 'POST').map((one) => one.path)
  same('saved, then asked', order.slice(-2), ['/reminders', '/subscriptions'])
  same('one prompt was shown', phone.prompts, 1)

  phone.lostAnswers = [/POST \/reminders$/]
  await phone.opens({ page: 'pages/list/list' })
  await adds(phone, '驾照', { date: '2027-02-20', days: [7] })
  check('a tap that took too long shows no prompt', itemOn(phone) && phone.prompts === 1, [phone.at, phone.prompts])
  same('which is nobody’s mistake', phone.toasts.at(-1), '已保存')
  check('it can be asked for on the page of the item', offers(phone, '再授权一次'), phone.text())
  await phone.taps('再授权一次')
  check('then it is covered', phone.text().includes('还有 1 次提醒，都能送达'), phone.text())

  await phone.opens({ page: 'pages/list/list' })
  phone.lostAnswers = Array(3).fill(/POST \/reminders$/)
  await adds(phone, '签证', { days: [7] })
  same('what is not saved asks for nothing', [phone.at, phone.prompts], ['pages/edit/edit', 2])
  phone.storage.delete('reminders.session')
  await phone.taps('保存')
  check('nor is a prompt shown after a login', itemOn(phone) && phone.prompts === 2, [phone.at, phone.prompts])
  faultless(same, phone)
}

/** Every tap of somebody who chose 总是保持 adds a credit unseen, until every push has one. */
export async function always({ world, check, same }) {
  const phone = await Phone.of(world, '小常')
  phone.always = { [SUBSCRIPTION]: 'accept' }
  await phone.opens()
  await adds(phone, '护照')
  same('no prompt is shown', [phone.prompts, phone.silentAnswers], [0, 1])
  check('the save gave one', phone.text().includes('还有 3 次提醒，其中 1 次能送达'), phone.text())
  await phone.opens({ page: 'pages/list/list' })
  await phone.taps('护照')
  check('the next tap another one', phone.text().includes('还有 3 次提醒，其中 2 次能送达'), phone.text())
  await phone.taps('修改')
  same('a third', phone.silentAnswers, 3)
  await phone.goesBack()
  check('then all are covered', phone.text().includes('还有 3 次提醒，都能送达'), phone.text())
  await phone.opens({ page: 'pages/list/list' })
  for (const tab of ['已处理', '已到期', '进行中']) await phone.taps(tab)
  await phone.taps('护照')
  same(
    'and no further tap asks',
    [phone.prompts, phone.silentAnswers, posts(phone, '/subscriptions').length],
    [0, 3, 3],
  )
  same('the API counts them', (await apiOf(phone, '/me')).credits[SUBSCRIPTION], 3)
  phone.goesToBackground()
  await world.passesTo('2027-03-01T00:01:00+08:00')
  same('three messages come of it', (await told(phone)).length, 3)

  const refuser = await Phone.of(world, '小拒')
  refuser.always = { [SUBSCRIPTION]: 'reject' }
  await refuser.opens()
  await adds(refuser, '护照', { date: '2027-06-01', days: [7] })
  const asked = refuser.silentAnswers
  await refuser.opens({ page: 'pages/list/list' })
  await refuser.taps('护照')
  same('whoever always refuses is left alone', refuser.silentAnswers, asked)

  const follower = await Phone.of(world, '小随')
  follower.always = { [SUBSCRIPTION]: 'accept' }
  await follower.opens()
  await follower.does('follow', { via: 'search' })
  await adds(follower, '护照', { date: '2027-06-01' })
  await follower.opens({ page: 'pages/list/list' })
  await follower.taps('护照')
  same('whoever follows needs none', follower.silentAnswers, 0)
  faultless(same, phone, refuser, follower)
}
