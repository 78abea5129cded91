// The client in a bundle, with the lunar calendar: a birthday by the lunar calendar is registered for its next day.

import {
  coverageText,
  createLunar,
  createReminders,
  createSubscriptions,
  newKey,
  templateIds,
} from 'reminders-miniprogram-client'
import { LunarDay, LunarMonth, SolarDay } from 'tyme4ts'

const lunar = createLunar({ LunarDay, LunarMonth, SolarDay })

/** In a tap on the phone whose `platform` this is. */
export async function saves(platform, baseUrl, today) {
  const reminders = createReminders({ baseUrl, platform })
  const subscriptions = createSubscriptions(reminders)
  const day = lunar.next({ month: 1, day: 15 }, today)
  const draft = {
    template: 'expiry',
    title: '外婆生日',
    note: '农历' + lunar.text(day),
    expires_on: day,
    pushes: [{ days_before: 3, time: '09:00' }],
  }
  const saved = await reminders.create(draft, { key: newKey() })
  const me = await reminders.me()
  const asked = await subscriptions.ask(templateIds(me, 'expiry'))
  const read = await reminders.get(saved.id)
  return { day: read.expires_on, note: read.note, asked, said: coverageText(read.coverage) }
}
