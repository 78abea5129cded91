// What the page says, in two languages; the browser's first, and the reader's own once they chose.

import { en } from './words/en.mjs'
import { zh } from './words/zh.mjs'

const KEY = 'language'
const asked = localStorage.getItem(KEY) ?? new URLSearchParams(location.search).get('lang') ?? navigator.language
let language = asked.startsWith('zh') ? 'zh' : 'en'

export const languageNow = () => language

export function setLanguage(chosen) {
  localStorage.setItem(KEY, chosen)
  language = chosen
}

/** By name; `{0}` and so on are what it is about. A word that is missing shows its name, and a test finds it. */
export function say(name, ...about) {
  const words = language === 'zh' ? zh : en
  const text = words[name] ?? en[name] ?? name
  return text.replace(/\{(\d)\}/g, (_, n) => String(about[Number(n)] ?? ''))
}

/** A word that may not be there. */
export const known = (name) => (language === 'zh' ? zh : en)[name]
