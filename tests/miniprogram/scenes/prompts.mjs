// What becomes of a prompt: one accept is one message.

import { Phone } from '../phone/phone.mjs'
import { SUBSCRIPTION, posts, told, faultless, adds, apiOf } from './common.mjs'

/** Without following: one accepted prompt is one message. */
export async function prompts({ world, check, same }) {
  const phone = await Phone.of(world, '小红')
  await phone.opens({ scene: 1001 })
  await adds(phone, '保修', { days: [7] })
  check('one reminder is covered by one prompt', phone.text().includes('还有 1 次提醒，都能送达'), phone.text())

  const answers = [
    ['reject', '已保存，但您没有同意接收消息', '2027-03-02'],
    ['ban', '已保存，但此类消息已被微信停用', '2027-03-03'],
    ['filter', '已保存，但此类消息暂时无法授权', '2027-03-04'],
    [20001, '已保存，但暂时无法授权接收消息', '2027-03-05'],
  ]
  for (const [answer, toast, date] of answers) {
    await phone.opens({ page: 'pages/list/list' })
    phone.promptAnswers = [answer]
    await adds(phone, `会员 ${answer}`, { date, days: [7] })
    same(`${answer}: it is saved, and said so`, phone.toasts.at(-1), toast)
    check(`${answer}: nothing is promised`, phone.text().includes('还有 1 次提醒，其中 0 次能送达'), phone.text())
  }

  await phone.opens({ page: 'pages/list/list' })
  phone.promptAnswers = [20004]
  await adds(phone, '水卡', { date: '2027-03-06', days: [7] })
  check(
    'main switch off: the settings are offered',
    phone.modals.at(-1)?.includes('消息通知') && phone.settingsOpened === 1,
    phone.modals,
  )
  const reports = posts(phone, '/subscriptions').map((one) => Object.values(JSON.parse(one.data).results)[0])
  same('every answer was reported', reports, ['accept', 'reject', 'ban', 'filter'])

  const shown = phone.prompts
  await phone.opens({ page: 'pages/list/list' })
  await adds(phone, '门禁卡', { date: '2027-02-28', days: [7] })
  same('what a credit covers is saved without a prompt', phone.prompts, shown)
  check('a credit covers the reminder that comes first', phone.text().includes('都能送达'), phone.text())
  await phone.opens({ page: 'pages/list/list' })
  await phone.taps('保修')
  check('and no other', phone.text().includes('其中 0 次能送达'), phone.text())
  await phone.taps('再授权一次')
  check('one more prompt, one more message', phone.text().includes('还有 1 次提醒，都能送达'), phone.text())
  const before = phone.prompts
  await phone.taps('修改')
  await phone.taps('保存')
  same('what is covered is saved without a prompt', phone.prompts, before)
  await phone.opens({ page: 'pages/list/list' })
  await phone.taps('会员 reject')
  phone.promptAnswers = [{ [SUBSCRIPTION]: 'reject' }]
  await phone.taps('再授权一次')
  await phone.opens({ page: 'pages/list/list' })
  await phone.taps('保修')
  check('a refused prompt takes nothing back', phone.text().includes('还有 1 次提醒，都能送达'), phone.text())

  await phone.opens({ page: 'pages/list/list' })
  phone.offline = true
  await phone.taps('会员 filter')
  check('without a network the page says so', phone.text().includes('网络不通'), phone.text())
  phone.offline = false
  await phone.opens({ page: 'pages/list/list' })
  await phone.taps('会员 filter')
  phone.lostAnswers = Array(3).fill(/POST \/subscriptions/)
  await phone.taps('再授权一次')
  const keys = new Set(
    posts(phone, '/subscriptions')
      .slice(-3)
      .map((one) => one.header['Idempotency-Key']),
  )
  same('a report that is not answered is repeated with its key', keys.size, 1)
  const reported = posts(phone, '/subscriptions').length
  phone.goesToBackground()
  await phone.opens()
  const again = posts(phone, '/subscriptions').slice(reported)
  same(
    'and once more when the mini program is opened again',
    again.map((one) => one.header['Idempotency-Key']),
    [...keys],
  )
  await phone.opens()
  same('but not for ever', posts(phone, '/subscriptions').length, reported + 1)

  const twin = await Phone.of(world, '小兰')
  await twin.opens()
  for (const title of ['甲', '乙']) {
    await twin.opens({ page: 'pages/list/list' })
    twin.promptAnswers = [title === '甲' ? 'accept' : 'reject']
    await adds(twin, title, { days: [7] })
  }
  const covered = []
  for (const title of ['甲', '乙']) {
    await twin.opens({ page: 'pages/list/list' })
    await twin.taps(title)
    covered.push(twin.text().includes('都能送达'))
  }
  same('one credit is not promised to two reminders of the same minute', covered.filter(Boolean).length, 1)

  phone.goesToBackground()
  await world.passesTo('2027-03-06T00:00:00+08:00')
  const messages = await told(phone)
  same(
    'three prompts, three messages, in the service notifications',
    messages.map((one) => one.in),
    Array(3).fill('service_notifications'),
  )
  await phone.tapsMessage(messages[0])
  same('a tap on one opens its page, in the mini program that is still open', phone.at, messages[0].body.page)
  check('it is the item’s', phone.byClass('title')[0] === messages[0].body.data.thing1.value, phone.text())
  faultless(same, phone, twin)
}

/** One prompt carries several templates, and each gets an answer of its own. */
export async function severalTemplates({ world, check, same }) {
  const { settings } = await world.post('/sim/operations', { operation: 'settings.get' })
  const others = { B: 'B'.repeat(43), C: 'C'.repeat(43), D: 'D'.repeat(43) }
  for (const [name, template_id] of Object.entries(others)) {
    const template = {
      account: 'mini_program',
      template_id,
      title: name,
      keywords: ['thing1', 'date2'],
      kind: 'one_time',
    }
    await world.post('/sim/templates', template)
    const data = { thing1: '{title}', date2: '{expires_at}' }
    settings.templates[name] = {
      title: name,
      channels: ['mini_subscription'],
      mini_subscription: { template_id, kind: 'one_time', data },
    }
  }
  await world.post('/sim/operations', { operation: 'settings.put', settings })
  const phone = await Phone.of(world, '小云')
  await phone.opens()
  phone.promptAnswers = [{ [SUBSCRIPTION]: 'accept', [others.B]: 'filter', [others.C]: 'ban' }]
  await adds(phone, '护照', { days: [7] })
  const [report] = posts(phone, '/subscriptions').map((one) => JSON.parse(one.data).results)
  same('three are asked for, the own one first', Object.entries(report), [
    [SUBSCRIPTION, 'accept'],
    [others.B, 'filter'],
    [others.C, 'ban'],
  ])
  same('the own one is accepted, and that is what counts', phone.toasts.at(-1), '已保存')
  check('it will arrive', phone.text().includes('都能送达'), phone.text())
  const { credits } = await apiOf(phone, '/me')
  same(
    'the API counts what was accepted',
    [SUBSCRIPTION, ...Object.values(others)].map((id) => credits[id]),
    [1, 0, 0, 0],
  )
  faultless(same, phone)
}
