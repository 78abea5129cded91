// The lunar calendar: `tyme4ts` through the client, against days that almanacs and another reckoning agree on.

import { createRequire } from 'node:module'
import path from 'node:path'

import { LIB } from './run.mjs'

const require = createRequire(import.meta.url)
const { createLunar } = require(path.join(LIB, 'lunar.js'))

const YEARS = [2000, 2060]

/** Months whose new moon is within minutes of midnight: ICU has them a day early (a new year among them, see below). */
const NEAR_MIDNIGHT = [
  ['2012-08-17', '2012-09-15'],
  ['2018-11-07', '2018-12-06'],
  ['2027-02-06', '2027-03-07'],
  ['2030-02-02', '2030-03-03'],
]

/** Lunar new years, as published. */
const NEW_YEARS = ['2024-02-10', '2025-01-29', '2026-02-17', '2027-02-06', '2028-01-26', '2029-02-13', '2030-02-03']

export async function lunar({ check, same }) {
  const { next, of, text } = createLunar(require('tyme4ts'))
  same(
    'new years fall on their days',
    NEW_YEARS.map((day) => text(day)),
    NEW_YEARS.map(() => '正月初一'),
  )
  same('the next is found from the day after', next({ month: 1, day: 1 }, '2026-02-18'), '2027-02-06')
  same('on the day itself it is that day', next({ month: 1, day: 1 }, '2027-02-06'), '2027-02-06')
  same('in January the year before counts', next({ month: 12, day: 8 }, '2027-01-10'), '2027-01-15')
  same(
    'a 30th that the month lacks is its 29th',
    [next({ month: 12, day: 30 }, '2027-01-10'), text('2027-02-05')],
    ['2027-02-05', '十二月廿九'],
  )
  same(
    'a leap month is met in its year',
    [next({ month: 5, day: 1, leap: true }, '2028-01-10'), of('2028-06-23')],
    ['2028-06-23', { year: 2028, day: 1, month: 5, leap: true }],
  )
  same(
    'in other years it is the month of that number',
    next({ month: 5, day: 1, leap: true }, '2027-01-10'),
    next({ month: 5, day: 1 }, '2027-01-10'),
  )
  const nonsense = () => next({ month: 13, day: 1 }, '2027-01-10')
  check('what is no date is refused', throws(nonsense), 'it was not')

  // Node knows the Chinese calendar, too, by way of somebody else's tables.
  const reckoned = new Intl.DateTimeFormat('en-u-ca-chinese', { month: 'numeric', day: 'numeric', timeZone: 'UTC' })
  const differs = []
  for (let at = Date.UTC(YEARS[0], 0, 1); at < Date.UTC(YEARS[1], 0, 1); at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10)
    const { month, day: date, leap } = of(day)
    const parts = Object.fromEntries(reckoned.formatToParts(at).map(({ type, value }) => [type, value]))
    if (NEAR_MIDNIGHT.some(([first, last]) => first <= day && day <= last)) continue
    if (parts.month !== `${month}${leap ? 'bis' : ''}` || Number(parts.day) !== date) differs.push(day)
  }
  same(`every other day from ${YEARS.join(' to ')} is the one that ICU has`, differs, [])
}

function throws(work) {
  try {
    work()
    return false
  } catch {
    return true
  }
}
