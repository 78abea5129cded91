// The words: both languages have the same, and no place asks for one that is not there.

import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { en } from '../../simulator/page/js/words/en.mjs'
import { zh } from '../../simulator/page/js/words/zh.mjs'

const PAGE = fileURLToPath(new URL('../../simulator/page/js', import.meta.url))
const SAID = /\bsay\(\s*['"]([\w.]+)['"]/g

export async function words({ check, same }) {
  const missing = (some, others) => Object.keys(some).filter((name) => !(name in others))
  same('what is said in Chinese is said in English', missing(zh, en), [])
  same('what is said in English is said in Chinese', missing(en, zh), [])
  const files = readdirSync(PAGE, { recursive: true }).filter((file) => file.endsWith('.mjs'))
  const asked = files.flatMap((file) =>
    [...readFileSync(path.join(PAGE, file), 'utf8').matchAll(SAID)].map(([, name]) => name),
  )
  same(
    'whatever is said has a word',
    asked.filter((name) => !(name in en)),
    [],
  )
  check('and words were looked for', asked.length > 100, asked.length)
}
