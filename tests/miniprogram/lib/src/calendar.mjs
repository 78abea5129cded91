/**
 * The phone's own calendar, for pushes that no message would bring. It needs neither a follow nor a prompt, but
 * `addPhoneCalendar` in the privacy guideline. The phone asks the user. Nothing changes or removes an entry later, so it
 * says what to remember, not what is to be pressed.
 *
 * An entry leads back into the mini program only with a `path` signed by the session_key, which never leaves the server:
 * these have none.
 */

/** @import { Push, Reminder } from '../index.js' */

const ADDED_KEY = 'reminders.in_calendar'
/** Older ones have long passed. */
const ADDED_MAX = 200

/** @type {import('../index.js').uncoveredPushes} */
export function uncoveredPushes(reminder) {
  const { coverage } = reminder
  if (!coverage || reminder.state !== 'active') return []
  const toCome = reminder.pushes.filter(
    ({ state }) => state === 'scheduled' || state === 'retrying' || state === 'sending',
  )
  toCome.sort((one, other) => Date.parse(one.fires_at) - Date.parse(other.fires_at))
  // What there is goes to the soonest.
  return toCome.slice(Math.max(0, toCome.length - (coverage.pushes - coverage.covered)))
}

/** @type {import('../index.js').calendarEntry} */
export function calendarEntry(reminder, push) {
  const day = reminder.expires_on || reminder.expires_at.slice(0, 10)
  return {
    title: reminder.title + ' ' + day + ' 到期',
    description: reminder.note,
    startTime: Math.floor(Date.parse(push.fires_at) / 1000),
  }
}

/** @type {import('../index.js').addToCalendar} */
export function addToCalendar(reminder, push, platform) {
  return new Promise((resolve) => {
    if (!platform.addPhoneCalendar) return resolve(false)
    const success = () => {
      const known = platform.getStorageSync(ADDED_KEY) || []
      platform.setStorageSync(ADDED_KEY, [...known, nameOf(reminder, push)].slice(-ADDED_MAX))
      resolve(true)
    }
    platform.addPhoneCalendar(Object.assign(calendarEntry(reminder, push), { success, fail: () => resolve(false) }))
  })
}

/** @type {import('../index.js').isInCalendar} */
export function isInCalendar(reminder, push, platform) {
  return (platform.getStorageSync(ADDED_KEY) || []).includes(nameOf(reminder, push))
}

/**
 * @param {Reminder} reminder
 * @param {Push} push
 */
function nameOf(reminder, push) {
  return reminder.id + '@' + Date.parse(push.fires_at) / 1000
}
