// Made of src/lunar.mjs by tools/commonjs.mjs: change that.
/**
 * Days of the lunar calendar (农历), for birthdays and feasts: reckoned here, by the package `tyme4ts`, for the API keeps
 * days of the common calendar only. When such a day has passed, register the next:
 *
 *     import { LunarDay, LunarMonth, SolarDay } from 'tyme4ts'
 *     const lunar = createLunar({ LunarDay, LunarMonth, SolarDay })
 *     lunar.next({ month: 8, day: 15 }, '2027-01-10')     // '2027-09-15'
 *
 * The package is handed in, so that it is in a mini program only where it is used.
 */

/** @import { LunarDate } from './index.js' */

/** A lunar year is at most so much longer than a common one is reckoned, so one of these has the day. */
const YEARS_AROUND = [-1, 0, 1]

/** @type {import('./index.js').createLunar} */
function createLunar({ LunarDay, LunarMonth, SolarDay }) {
  /** @param {string} day */
  function lunarDay(day) {
    const [year, month, date] = day.split('-').map(Number)
    return SolarDay.fromYmd(year, month, date).getLunarDay()
  }

  /**
   * @param {number} year
   * @param {LunarDate} date
   */
  function lunarMonth(year, { month, leap }) {
    if (!leap) return LunarMonth.fromYm(year, month)
    try {
      return LunarMonth.fromYm(year, -month)
    } catch (_) {
      return LunarMonth.fromYm(year, month) // this year has no such leap month
    }
  }

  /**
   * The day of the common calendar on which the date falls in a lunar year.
   * @param {number} year
   * @param {LunarDate} date
   */
  function dayIn(year, date) {
    const month = lunarMonth(year, date)
    const day = Math.min(date.day, month.getDayCount())
    const solar = LunarDay.fromYmd(year, month.getMonthWithLeap(), day).getSolarDay()
    return [solar.getYear(), two(solar.getMonth()), two(solar.getDay())].join('-')
  }

  return {
    of(day) {
      const { month, leap, ...rest } = read(lunarDay(day))
      return leap ? { ...rest, month, leap } : { ...rest, month }
    },

    text(day) {
      const found = lunarDay(day)
      return found.getLunarMonth().getName() + found.getName()
    },

    next(date, from) {
      if (!(date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= 30)) throw new Error('no lunar date')
      const { year } = read(lunarDay(from))
      const days = YEARS_AROUND.map((more) => dayIn(year + more, date)).filter((day) => day >= from)
      return days[0]
    },
  }
}

/** @param {any} day */
function read(day) {
  const month = day.getLunarMonth().getMonthWithLeap()
  return {
    year: /** @type {number} */ (day.getYear()),
    month: Math.abs(month),
    day: /** @type {number} */ (day.getDay()),
    leap: month < 0,
  }
}

/** @param {number} number */
function two(number) {
  return String(number).padStart(2, '0')
}

module.exports = { createLunar }
