// What can be said of looks without drawing: by day and by night every text can be read.

import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { commonJs } from '../tools/commonjs.mjs'

const APP = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
/** WCAG 2, level AA, for text of ordinary size. */
const CONTRAST_MIN = 4.5
/** What is written on what. */
const PAIRS = [
  ['text', 'background'],
  ['text', 'card'],
  ['muted', 'background'],
  ['muted', 'card'],
  ['error', 'background'],
  ['error', 'card'],
  ['notice-text', 'notice'],
  ['muted', 'notice'],
  ['good-text', 'good'],
]

/** Colours of day and night, and files that are made of others. */
export async function looks({ check, same }) {
  const read = (file) => readFileSync(path.join(APP, file), 'utf8')
  const [day, night] = read('app.wxss').split('@media (prefers-color-scheme: dark)')
  const themes = { day: colours(day), night: { ...colours(day), ...colours(night.split('\n}\n')[0]) } }
  for (const [theme, of] of Object.entries(themes)) {
    const faint = PAIRS.filter(([text, ground]) => contrast(of[text], of[ground]) < CONTRAST_MIN)
    same(`by ${theme} every text can be read`, faint, [])
  }
  const { pages, window } = JSON.parse(read('app.json'))
  const loose = pages.filter((page) => /#[0-9a-f]{3}/i.test(read(page + '.wxss')))
  same('no page has a colour of its own', loose, [])
  const bars = JSON.parse(read('theme.json'))
  const named = Object.values(window).filter((value) => value.startsWith('@'))
  check(
    'the bars have both, too',
    named.length > 0 && named.every((name) => name.slice(1) in bars.light && name.slice(1) in bars.dark),
    named,
  )

  const sources = readdirSync(path.join(APP, 'lib/src'))
  const stale = sources.filter(
    (name) => read('lib/' + name.replace('.mjs', '.js')) !== commonJs(read('lib/src/' + name), name),
  )
  same('what the pages require is what the client’s sources make', stale, [])
}

function colours(wxss) {
  return Object.fromEntries(
    [...wxss.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, colour]) => [name, colour]),
  )
}

function contrast(one, other) {
  const [light, dark] = [one, other].map(luminance).sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour) {
  const [red, green, blue] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
