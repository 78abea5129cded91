// WXSS as a style sheet: `rpx`, the mini program's own elements, and dark mode as the phone has it.

import { TAGS } from './backend.mjs'

/** A screen is 750 rpx wide, whatever the phone. */
const RPX_WIDE = 750
const RULE = /([^{}]+)\{/g
const NAME = /(^|[\s>+~,(])([a-z][a-z-]*)(?![\w-])/g

export function sheetOf(wxss) {
  const css = wxss
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(-?[\d.]+)rpx\b/g, (_, n) => `${(Number(n) * 100) / RPX_WIDE}vw`)
    .replace(RULE, (whole, selector) => (selector.trim().startsWith('@') ? whole : `${elements(selector)}{`))
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  return sheet
}

function elements(selector) {
  return selector.replace(NAME, (_, before, name) => {
    if (name === 'page') return `${before}wx-page`
    return before + (TAGS.has(name) ? `wx-${name}` : name)
  })
}

/** Rules for a dark or light phone hold as the phone is, whatever the browser prefers. */
export function darken(sheet, isDark) {
  for (const rule of sheet.cssRules) {
    if (!(rule instanceof CSSMediaRule)) continue
    const asked = (rule.asked ??= rule.media.mediaText)
    if (!asked.includes('prefers-color-scheme')) continue
    rule.media.mediaText = asked.includes('dark') === isDark ? 'all' : 'not all'
  }
}
