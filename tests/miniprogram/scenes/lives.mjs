// Two phones, other people, cards, and what ends.

import { Phone } from '../phone/phone.mjs'
import { itemOn, offers, told, faultless, adds, apiOf } from './common.mjs'

/** Two phones, other people, cards, and what ends. */
export async function lives({ world, check, same }) {
  const phone = await Phone.of(world, '小芳')
  await phone.opens()
  await adds(phone, '牛奶', { days: [3, 1] })
  const tablet = await Phone.of(world, '小芳', { isNew: false })
  await tablet.opens()
  await tablet.taps('牛奶')
  await tablet.taps('修改')
  await phone.taps('修改')
  await phone.types('title', '酸奶')
  await phone.taps('保存')
  await tablet.types('title', '奶粉')
  await tablet.taps('保存')
  check('two who change the same do not overwrite each other', tablet.text().includes('刚在别处修改过'), tablet.text())
  const [input] = tablet.all((one) => one.tag === 'input')
  same('the second sees what the first wrote', input.attributes.value, '酸奶')
  await tablet.types('title', '奶粉')
  await tablet.taps('保存')
  check('and may then change it', itemOn(tablet) && tablet.text().includes('奶粉'), tablet.text())

  const [saved] = (await apiOf(phone, '/reminders')).reminders
  const stranger = await Phone.of(world, '路人')
  await stranger.opens({ scene: 1007, page: saved.page })
  check('a stranger who is handed the page finds nothing', stranger.text().includes('找不到这个物品'), stranger.text())
  await stranger.opens({ page: `pages/item/item?id=${saved.id}` })
  check(
    'nor by the id',
    stranger.text().includes('找不到这个物品') && !stranger.text().includes('奶粉'),
    stranger.text(),
  )

  await cards(phone, saved, { world, same })

  await phone.taps('已处理')
  check('what is done is done', phone.text().includes('标记为已处理') && !offers(phone, '修改'), phone.text())
  same(
    'and is told no more',
    phone.byClass('push').map((text) => text.split(' ').at(-1)),
    ['已取消', '已取消'],
  )
  await phone.opens({ page: 'pages/list/list' })
  same('it is not among what is going on', phone.byClass('item'), [])
  await phone.taps('已处理')
  same('but among what is done', phone.byClass('item').length, 1)
  await world.passesTo('2027-03-02T00:00:00+08:00')
  same('nothing came', await told(phone), [])
  faultless(same, phone, tablet, stranger)
}

/** A card in the customer-service session leads back to the item that the session began with. */
async function cards(phone, saved, { world, same }) {
  const { settings } = await world.post('/sim/operations', { operation: 'settings.get' })
  const { image_url } = await apiOf(phone, '/me/qrcode', 'POST')
  settings.replies.unshift({
    account: 'mini_program',
    on: 'enter_session',
    session_from_prefix: 'item:',
    reply: [
      {
        miniprogrampage: {
          title: '查看物品',
          pagepath: 'pages/item/item?item={session_from_rest}',
          thumb_url: image_url,
        },
      },
    ],
  })
  await world.post('/sim/operations', { operation: 'settings.put', settings })
  await phone.opens({ page: 'pages/list/list' })
  await phone.taps('奶粉')
  await phone.taps('联系客服')
  const card = (await phone.inbox()).find((one) => one.body.msgtype === 'miniprogrampage')
  same(
    'a session that was opened at an item is answered with its card',
    card?.body.miniprogrampage.pagepath,
    saved.page.split('&')[0],
  )
  if (!card) return
  await phone.tapsCard(card)
  same(
    'a tap on the card opens the item',
    [phone.at, phone.byClass('title')[0]],
    [card.body.miniprogrampage.pagepath, '奶粉'],
  )
}
