// The form: what is wrong is shown where it is wrong, and what is lost is not saved twice.

import { createRequire } from 'node:module'

import { Phone } from '../phone/phone.mjs'
import { EXPIRY, adds, apiOf, faultless, itemOn, posts } from './common.mjs'

const { fieldTexts } = createRequire(import.meta.url)('../lib/words.js')

/** What is wrong is shown where it is wrong. */
export async function mistakes({ world, check, same }) {
  const phone = await Phone.of(world, '小刚')
  await phone.opens()
  await phone.taps('添加物品')
  await phone.taps('保存')
  same(
    'what is missing is said without asking anybody',
    [phone.errorAt('title'), phone.errorAt('expires_on')],
    ['请填写名称', '请选择到期日'],
  )
  same('and nobody is asked for a prompt', [phone.prompts, posts(phone, '/reminders').length], [0, 0])

  await phone.types('title', '😀')
  await phone.picks('expires_on', '2027-01-01')
  await phone.ticks('pushes', [90, 30, 7, 3])
  await phone.taps('保存')
  same(
    'what the API says is shown at its field',
    ['title', 'expires_on', 'pushes'].map((field) => phone.errorAt(field)),
    ['请填写文字，表情符号不算', '到期时间至少要在 15 分钟以后', '请选择 1 至 3 项'],
  )
  check('and at the end that something is', phone.text().includes('有内容需要修改'), phone.text())
  same('the form stays', phone.at, 'pages/edit/edit')
  await phone.types('title', '驾照')
  same('an error goes when its field is changed', phone.errorAt('title'), '')
  await phone.picks('expires_on', EXPIRY)
  await phone.ticks('pushes', [30])
  await phone.taps('保存')
  check('then it is saved', itemOn(phone) && phone.text().includes('驾照'), phone.at)

  await phone.taps('修改')
  await phone.ticks('pushes', [])
  await phone.taps('保存')
  same('no reminder at all is not accepted', phone.errorAt('pushes'), '请选择 1 至 3 项')
  await rulesInOwnWords(phone, same)
  faultless(same, phone)
}

/** Every rule of the API that a form can break is said in Chinese, at a field of the form. */
async function rulesInOwnWords(phone, same) {
  const push = { days_before: 7, time: '09:00' }
  const draft = { template: 'expiry', title: '护照', expires_at: '2027-03-01T00:00:00+08:00', pushes: [push] }
  const wrong = [
    { title: '长'.repeat(201), note: '长'.repeat(501) },
    { title: '😀', pushes: [] },
    { expires_at: '2027-01-01T00:00:00+08:00', pushes: [push, push, push, push] },
    { expires_at: '2067-01-01T00:00:00+08:00' },
    { pushes: [push, { at: '2027-03-01T00:00:00+08:00' }, push] },
    { pushes: [push, { at: '2027-01-01T00:00:00+08:00' }] },
    { pushes: [{ days_before: 0, time: '12:00' }] },
  ]
  const said = []
  for (const one of wrong) said.push(fieldTexts(await apiOf(phone, '/reminders', 'POST', { ...draft, ...one })))
  same('every rule is said in the words of the mini program', said, [
    { title: '请填写 1 至 200 个字', note: '最多 500 个字' },
    { pushes: '请选择 1 至 3 项', title: '请填写文字，表情符号不算' },
    { expires_at: '到期时间至少要在 15 分钟以后', pushes: '请选择 1 至 3 项' },
    { expires_at: '到期时间最多在 30 年以内' },
    { pushes: '第 2 次提醒：必须早于到期时间至少 10 分钟；第 3 次提醒：与另一次提醒是同一时间' },
    { pushes: '第 2 次提醒：时间已经过去' },
    { pushes: '第 1 次提醒：必须早于到期时间至少 10 分钟' },
  ])
}

/** Answers get lost, servers stumble; everything is there once. */
export async function losses({ world, check, same }) {
  const phone = await Phone.of(world, '小丽')
  await phone.opens()
  const list = async () => {
    await phone.opens({ page: 'pages/list/list' })
    return phone
      .byClass('item')
      .map((text) => text.split(' ')[0])
      .sort()
  }

  phone.lostAnswers = [/POST \/reminders$/]
  await adds(phone, '签证')
  check('a lost answer goes unnoticed', itemOn(phone), phone.text())
  const [first, second, ...more] = posts(phone, '/reminders')
  same('it was sent twice', more.length, 0)
  same('with one key', first.header['Idempotency-Key'], second.header['Idempotency-Key'])
  same('and is there once', await list(), ['签证'])

  phone.lostAnswers = Array(3).fill(/POST \/reminders$/)
  await adds(phone, '居住证')
  check('when all answers are lost, that is said', phone.text().includes('网络不通'), phone.text())
  await phone.types('title', '居住证（新）')
  await phone.taps('保存')
  check(
    'saving again, changed, changes what had arrived',
    itemOn(phone) && phone.text().includes('居住证（新）'),
    phone.text(),
  )
  same('and it is there once', await list(), ['居住证（新）', '签证'])

  await phone.taps('签证')
  await phone.taps('修改')
  await phone.types('title', '签证（续）')
  phone.lostAnswers = [/PUT \/reminders/]
  await phone.taps('保存')
  check(
    'a change whose answer was lost is no conflict with itself',
    itemOn(phone) && phone.text().includes('签证（续）'),
    phone.text(),
  )

  await world.post('/sim/faults', { endpoint: 'dynamodb:Query', fault: { http_status: 500 }, times: 4 })
  same('a server that stumbles is asked again', await list(), ['居住证（新）', '签证（续）'])
  const stumbled = phone.requests.filter((one) => one.status === 503)
  check(
    'it did stumble',
    stumbled.length > 0,
    phone.requests.map((one) => one.status),
  )
  await fetch(`${world.control}/sim/faults`, { method: 'DELETE' })

  phone.lostAnswers = [/POST \/login/]
  phone.dies()
  phone.storage.clear()
  await phone.opens()
  same('a login whose answer was lost is made with another code', phone.byClass('item').length, 2)
  phone.storage.set('reminders.session', JSON.stringify('no.such.token'))
  const before = phone.requests.length
  same('a token that is no good is got anew', (await list()).length, 2)
  const statuses = phone.requests.slice(before).map((one) => `${one.path.split('?')[0]} ${one.status}`)
  same('once, for all calls that it failed', statuses.filter((one) => one === '/login 200').length, 1)

  phone.lostAnswers = [/DELETE \/reminders/]
  await phone.taps('居住证（新）')
  await phone.taps('删除')
  same('a deletion whose answer was lost is a deletion', phone.at, 'pages/list/list')
  same('and it is gone', await list(), ['签证（续）'])
  faultless(same, phone)
}

/** Whoever has saved as much as a day allows is told so, and the call is not repeated for hours. */
export async function usedUpDay({ world, check, same }) {
  const phone = await Phone.of(world, '小量')
  await phone.opens()
  await adds(phone, '护照', { days: [7] })
  const [saved] = (await apiOf(phone, '/reminders')).reminders
  const draft = {
    template: 'expiry',
    title: '护照',
    expires_at: saved.expires_at,
    pushes: [{ days_before: 7, time: '09:00' }],
  }
  const codes = new Set()
  for (let n = 0; n < 250; n++) codes.add((await apiOf(phone, `/reminders/${saved.id}`, 'PUT', draft)).code)
  same('the last of them is one too many', [...codes], [undefined, 'too_many_requests'])
  await phone.opens({ page: 'pages/list/list' })
  const before = posts(phone, '/reminders').length
  await adds(phone, '驾照', { days: [7] })
  check('it is said', phone.text().includes('今天保存得太多了，请明天再试'), phone.text())
  same('and asked once', posts(phone, '/reminders').length, before + 1)
  faultless(same, phone)
}
