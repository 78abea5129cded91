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

/** When the mini program is opened, on the phone whose `platform` this is. */
export async function opens(platform, baseUrl) {
  const reminders = createReminders({ baseUrl, platform })
  const subscriptions = createSubscriptions(reminders)
  const ids = templateIds(await reminders.me(), 'expiry')
  return { saves: (today) => saves(reminders, subscriptions, ids, today) }
}

/** In a tap: saved first, then asked. */
async function saves(reminders, subscriptions, ids, today) {
  const day = lunar.next({ month: 1, day: 15 }, today)
  const draft = {
    template: 'expiry',
    title: '外婆生日',
    note: '农历' + lunar.text(day),
    expires_on: day,
    pushes: [{ days_before: 3, time: '09:00' }],
  }
  const saved = await reminders.create(draft, { key: newKey() })
  const asked = await subscriptions.ask(saved.coverage.ask.includes('subscribe') ? ids : [])
  const read = await reminders.get(saved.id)
  return { day: read.expires_on, note: read.note, asked, said: coverageText(read.coverage) }
}
