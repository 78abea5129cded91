// The ways to follow, by how the mini program was opened and by what the phone shows.

import { Phone } from '../phone/phone.mjs'
import { faultless, adds } from './common.mjs'

const PROFILE = '打开服务号主页，可以在那里关注'
const ARTICLE = '打开文章，点击文中的服务号名片'
const CONTACT = '打开客服会话，点开收到的文章'

/** The ways to follow, by how the mini program was opened and by what the phone shows. */
export async function ways({ world, check, same }) {
  const phone = await Phone.of(world, '小强')
  await phone.opens({ scene: 1069 })
  await phone.taps('怎么关注')
  same('opened from an app, the component is not offered', phone.byClass('title').length, 4)
  const [image] = phone.all((one) => one.tag === 'image')
  await phone.does('follow', { via: 'qrcode', image_url: image.attributes.src })
  await phone.taps('我已关注')
  check('the code follows and binds', phone.text().includes('您已关注服务号'), phone.text())

  const other = await Phone.of(world, '小玉')
  await other.opens({ scene: 1011 })
  await other.taps('怎么关注')
  same('opened by a scanned code, it is', other.byClass('title')[0], '一键关注')
  await other.does('follow', { via: 'mini_program' })
  await other.taps('我已关注')
  check('and follows', other.text().includes('您已关注服务号'), other.text())
  await other.opens({ page: 'pages/list/list' })
  check('nobody is asked twice', !other.text().includes('怎么关注'), other.text())
  await adds(other, '护照')
  same('nor for a prompt that is not needed', other.prompts, 0)

  const third = await Phone.of(world, '小雪')
  await third.opens({ scene: 1047 })
  third.launch.scene = 1047
  await third.taps('怎么关注')
  third.page.run('onOfficialAccountError', { detail: { status: 1 } })
  same('a component that does not show after all makes room for the rest', third.byClass('title').length, 4)
  await third.taps('我已关注')
  same('and stays away', third.byClass('title').length, 4)
  await third.opens({ page: 'pages/article/article?url=' + encodeURIComponent('https://evil.example/') })
  check('no other article is opened', third.text().includes('打不开这篇文章'), third.text())
  faultless(same, phone, other, third)
}

/** What the phone is decides, too. */
export async function devices({ world, check, same }) {
  // As a newer server might answer.
  const newer = (me) => ({ ...me, guide: { ...me.guide, methods: [...me.guide.methods.reverse(), 'something_newer'] } })
  const phone = await Phone.of(world, '小主')
  const { service_account: account } = await world.get('/sim/accounts')
  phone.amends = [[/^GET \/me\?/, newer]]
  await phone.opens({ scene: 1089 })
  const [asked] = phone.requests.filter((one) => one.path.startsWith('/me?'))
  same('the API is told where and on what it was opened', asked.path, '/me?scene=1089&platform=android')
  await phone.taps('怎么关注')
  same('the conversation comes last, and what is not known is left out', phone.byClass('title'), [
    ARTICLE,
    '长按二维码，选择“识别图中的码”',
    PROFILE,
    CONTACT,
  ])
  await phone.taps('打开主页')
  same('the profile opens', phone.opened.at(-1), { openOfficialAccountProfile: account.original_id, taken: true })
  check('and stays on offer', phone.byClass('title').includes(PROFILE), phone.text())
  phone.refuses = ['openOfficialAccountProfile', 'openOfficialAccountArticle']
  await phone.taps('打开主页')
  check('where it fails, the other ways remain', !phone.byClass('title').includes(PROFILE), phone.text())
  await phone.taps('打开文章')
  check(
    'an article that does not open opens in a web-view',
    phone.at.startsWith('pages/article/article?url='),
    phone.at,
  )

  const old = await Phone.of(world, '小古', { library: '3.4.7' })
  await old.opens({ scene: 1089 })
  await old.taps('怎么关注')
  check('an older library has no profile', !old.byClass('title').includes(PROFILE), old.text())
  await old.taps('打开文章')
  const [article] = old.all((one) => one.tag === 'web-view')
  check(
    'and opens the article in a web-view',
    article?.attributes.src.startsWith('https://mp.weixin.qq.com/s/'),
    old.at,
  )

  const harmony = await Phone.of(world, '小鸿', { device: 'ohos' })
  await harmony.opens({ scene: 1089 })
  check(
    'HarmonyOS has no contact button',
    !harmony.all((one) => one.attributes['open-type'] === 'contact').length,
    harmony.text(),
  )
  await adds(harmony, '护照')
  check('nor at an item', !harmony.all((one) => one.attributes['open-type'] === 'contact').length, harmony.text())
  await harmony.taps('关注服务号')
  check('nor in the guide', !harmony.byClass('title').includes(CONTACT), harmony.text())
  check(
    'which has the others',
    harmony.byClass('title').includes(PROFILE) && harmony.byClass('title').includes(ARTICLE),
    harmony.text(),
  )
  same(
    'the API is told that as well',
    harmony.requests.find((one) => one.path.startsWith('/me?')).path,
    '/me?scene=1089&platform=ohos',
  )
  faultless(same, phone, old, harmony)
}
