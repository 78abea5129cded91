// Times, as somebody in China reads them: the world's clock and its reminders are there.

import { languageNow, say } from './words.mjs'

export const ZONE = 'Asia/Shanghai'
const MINUTE = 60_000

const formats = new Map()

function format(options) {
  const key = languageNow() + JSON.stringify(options)
  if (!formats.has(key)) {
    const locale = languageNow() === 'zh' ? 'zh-CN' : 'en-GB'
    formats.set(key, new Intl.DateTimeFormat(locale, { timeZone: ZONE, hourCycle: 'h23', ...options }))
  }
  return formats.get(key)
}

const date = (at) => new Date(typeof at === 'string' ? Date.parse(at) : at)

export const day = (at) => format({ year: 'numeric', month: '2-digit', day: '2-digit' }).format(date(at))
export const weekday = (at) => format({ weekday: 'short' }).format(date(at))
export const clock = (at) => format({ hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(date(at))
export const minute = (at) => format({ hour: '2-digit', minute: '2-digit' }).format(date(at))
export const moment = (at) =>
  format({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' }).format(date(at))
export const second = (at) =>
  format({ month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(date(at))

/** Of today its minute, else its day. */
export function lately(at, now) {
  return day(at) === day(now) ? minute(at) : format({ month: '2-digit', day: '2-digit' }).format(date(at))
}

/** For `<input type=datetime-local>`, in China's time. */
export function localValue(at) {
  return new Date(date(at).getTime() + 8 * 60 * MINUTE).toISOString().slice(0, 16)
}

export const fromLocalValue = (value) => `${value}:00+08:00`

export function until(at, now) {
  const minutes = Math.max(0, Math.round((date(at) - now) / MINUTE))
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24]
  if (days) return say('in_days', days, hours)
  if (hours) return say('in_hours', hours, minutes % 60)
  return say('in_minutes', minutes)
}
