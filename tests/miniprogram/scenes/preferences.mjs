// How somebody wants to be told, by the client alone: the sample has no page for it.

import { createRequire } from 'node:module'

import { Phone } from '../phone/phone.mjs'
import { createWx } from '../phone/wx.mjs'

const { createReminders, newKey } = createRequire(import.meta.url)('../lib/reminders.js')

export async function preferences({ world, same }) {
  const phone = await Phone.of(world, '小愿')
  phone.launch = { scene: 1001 }
  const reminders = createReminders({ baseUrl: world.api, platform: createWx(phone) })
  const wanted = [{ days_before: 3, time: '20:00' }]
  const me = await reminders.change({ default_pushes: wanted, quiet_hours: { from: '23:00', to: '07:00' } })
  same('they are kept', [me.default_pushes, me.quiet_hours], [wanted, { from: '23:00', to: '07:00' }])
  const draft = { template: 'expiry', title: '护照', expires_on: '2027-03-01' }
  const saved = await reminders.create(draft, { key: newKey() })
  same(
    'and stand in for what a reminder leaves out',
    saved.pushes.map(({ fires_at }) => fires_at),
    ['2027-02-26T20:00:00+08:00'],
  )
  const back = await reminders.change({ default_pushes: null })
  same('null takes one back, the other stays', [back.default_pushes, back.quiet_hours.from], [[], '23:00'])
  await reminders.forget()
  same('whoever is forgotten has none', (await reminders.me()).quiet_hours.from, '22:30')
}
