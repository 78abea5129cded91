// From the first opening to the third message.

import { Phone } from '../phone/phone.mjs'
import { SUBSCRIPTION, itemOn, posts, told, faultless, adds } from './common.mjs'

/** From the first opening to the third message. */
export async function theWholeStory({ world, check, same }) {
  const phone = await Phone.of(world, '小明')
  await phone.opens({ scene: 1047 })
  check('the list is empty at first', phone.text().includes('还没有物品'), phone.text())
  same(
    'it logged in once, though it asked twice at the same time',
    [phone.logins, posts(phone, '/login').length],
    [1, 1],
  )

  await adds(phone, '护照')
  same('one prompt was shown', phone.prompts, 1)
  check('the item is shown once it is saved', itemOn(phone) && phone.text().includes('护照'), phone.at)
  check('it says that one of three will arrive', phone.text().includes('还有 3 次提醒，其中 1 次能送达'), phone.text())
  same('it says when', phone.byClass('push'), [
    '2027年1月30日 09:00 待发送',
    '2027年2月22日 09:00 待发送',
    '2027年2月28日 09:00 待发送',
  ])
  const saved = (await world.get('/sim/users')).find((one) => one.name === '小明')
  same('WeChat counts one credit', saved.credits[SUBSCRIPTION], 1)

  await phone.taps('关注服务号')
  same('the guide opens', phone.at, 'pages/follow/follow')
  same('after a scanned code it has all five ways, best first', phone.byClass('title'), [
    '一键关注',
    '打开服务号主页，可以在那里关注',
    '长按二维码，选择“识别图中的码”',
    '打开文章，点击文中的服务号名片',
    '打开客服会话，点开收到的文章',
  ])
  const [image] = phone.all((one) => one.tag === 'image')
  check('the code can be pressed', image?.attributes['show-menu-by-longpress'] === true, image?.attributes)
  const picture = await fetch(image.attributes.src)
  same('the code is a picture', [picture.status, picture.headers.get('content-type')], [200, 'image/jpg'])

  await phone.taps('打开文章')
  const { openOfficialAccountArticle: url, taken } = phone.opened.at(-1) ?? {}
  check('the article opens in WeChat itself', taken && url.startsWith('https://mp.weixin.qq.com/s/'), phone.opened)
  same('the guide stays', phone.at, 'pages/follow/follow')

  await phone.taps('打开客服会话')
  const session = (await phone.inbox()).filter((one) => one.in === 'mini_program_session')
  same(
    'the session that the button opens is answered for following',
    session.map((one) => one.body.msgtype),
    ['text', 'link'],
  )
  same('with the article', session[1]?.body.link?.url, url)
  phone.goesToBackground()
  await phone.does('follow', { via: 'search' })
  await phone.opens()
  check('back in the mini program it knows', phone.text().includes('您已关注服务号'), phone.text())
  same('and asks for nothing more', phone.byClass('title'), [])

  await phone.goesBack()
  check('now all three will arrive', phone.text().includes('还有 3 次提醒，都能送达'), phone.text())
  phone.goesToBackground()
  phone.dies()

  await world.passesTo('2027-03-01T00:01:00+08:00')
  const messages = await told(phone)
  same(
    'three messages came, each at its minute',
    messages.map((one) => [one.at, one.in]),
    [
      ['2027-01-30T01:00:00Z', 'service_account'],
      ['2027-02-22T01:00:00Z', 'service_account'],
      ['2027-02-28T01:00:00Z', 'service_account'],
    ],
  )
  const { mini_program: ours } = await world.get('/sim/accounts')
  same(
    'they open this mini program',
    messages.map((one) => one.body.miniprogram?.appid),
    Array(3).fill(ours.appid),
  )

  const loginsBefore = phone.logins
  await phone.tapsMessage(messages[2])
  same('a tap opens the page with the query that was registered', phone.at, messages[2].body.miniprogram.pagepath)
  check('it is the item’s', phone.text().includes('护照') && phone.text().includes('到期'), phone.text())
  same('the token of fifty days ago was refused, and got anew once', phone.logins - loginsBefore, 1)
  same(
    'every reminder has arrived',
    phone.byClass('push').map((text) => text.replace(/^.* /, '')),
    Array(3).fill('已送达（服务号消息）'),
  )
  check('it says what happened', phone.byClass('entry').length >= 10, phone.byClass('entry'))
  faultless(same, phone)
}

/** Where everyone starts: a mini program and nothing else. */
export async function withoutServiceAccount({ world, check, same }) {
  const phone = await Phone.of(world, '小明')
  await phone.opens({ scene: 1047 })
  check('nothing is said of following', !phone.text().includes('怎么关注'), phone.text())
  await adds(phone, '护照')
  check('one of three will arrive', phone.text().includes('还有 3 次提醒，其中 1 次能送达'), phone.text())
  check('nor is it here', !phone.text().includes('关注'), phone.text())
  await phone.taps('再授权一次')
  await phone.taps('再授权一次')
  check('three prompts, three reminders', phone.text().includes('还有 3 次提醒，都能送达'), phone.text())
  check('then nothing more is asked', !phone.text().includes('再授权一次'), phone.text())
  await phone.opens({ page: 'pages/follow/follow' })
  check('the guide has nothing to show', phone.text().includes('暂时没有可以关注的服务号'), phone.text())
  phone.goesToBackground()
  await world.passesTo('2027-03-01T00:01:00+08:00')
  const messages = await told(phone)
  same(
    'three messages came',
    messages.map((one) => one.at),
    ['2027-01-30T01:00:00Z', '2027-02-22T01:00:00Z', '2027-02-28T01:00:00Z'],
  )
  phone.dies()
  await phone.tapsMessage(messages[2])
  same('a tap opens the item', [phone.at, phone.byClass('title')[0]], [messages[2].body.page, '护照'])
  await phone.taps('删除')
  same('from a message there is no way back but to the list', phone.at, 'pages/list/list')
  faultless(same, phone)
}
