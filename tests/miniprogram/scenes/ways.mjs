// The ways to follow, by how the mini program was opened and by what the phone shows.

import { Phone } from '../phone/phone.mjs'
import { faultless, adds } from './common.mjs'

/** The ways to follow, by how the mini program was opened and by what the phone shows. */
export async function ways({ world, check, same }) {
  const phone = await Phone.of(world, '小强')
  await phone.opens({ scene: 1069 })
  await phone.taps('怎么关注')
  same('opened from an app, the component is not offered', phone.byClass('title').length, 3)
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
  same('a component that does not show after all makes room for the rest', third.byClass('title').length, 3)
  await third.taps('我已关注')
  same('and stays away', third.byClass('title').length, 3)
  await third.opens({ page: 'pages/article/article?url=' + encodeURIComponent('https://evil.example/') })
  check('no other article is opened', third.text().includes('打不开这篇文章'), third.text())
  faultless(same, phone, other, third)
}
