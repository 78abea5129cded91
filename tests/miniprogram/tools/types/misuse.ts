// What must not compile.
import { createReminders, newKey, type Draft, type Way } from '../../lib/index.js'

const reminders = createReminders({ baseUrl: 'https://reminders.example.com' })
const pushes = [{ days_before: 7, time: '09:00' }]

// @ts-expect-error: two expiries
export const both: Draft = { template: 'expiry', title: '护照', expires_at: 'x', expires_on: 'y', pushes }
// @ts-expect-error: none
export const none: Draft = { template: 'expiry', title: '护照', pushes }
// @ts-expect-error: a lead without its time
export const timeless: Draft = { template: 'expiry', title: '护照', expires_on: 'y', pushes: [{ days_before: 7 }] }
// @ts-expect-error: without a key it might be there twice
void reminders.create({ template: 'expiry', title: '护照', expires_on: '2027-03-01', pushes })
// @ts-expect-error: no such state
void reminders.list({ state: 'deleted' })
// @ts-expect-error: both
void reminders.snooze('id', { for: 'P1D', until: '2027-01-01T00:00:00+08:00' })
// @ts-expect-error: no such way
export const way: Way = 'web_view'

export async function answers(): Promise<number> {
  const [listed] = (await reminders.list()).reminders
  // @ts-expect-error: only of get()
  listed.timeline.length
  const saved = await reminders.create(
    { template: 'expiry', title: '护照', expires_on: 'y', pushes },
    { key: newKey() },
  )
  return saved.coverage.covered
}
