// Plays the page in worlds of its own, by taps alone, and says what it saw.
//
//   tests/page/check [--base-port 9650] [--only NAME]
//
// SIMULATOR names the program of the local world, CHROMIUM the browser. Pictures are kept in target/page.

import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { World } from '../miniprogram/phone/world.mjs'
import { Browser } from './browser.mjs'
import { crowds } from './scenes/crowds.mjs'
import { faults } from './scenes/faults.mjs'
import { hands } from './scenes/hands.mjs'
import { looks } from './scenes/looks.mjs'
import { prepared } from './scenes/prepared.mjs'
import { story } from './scenes/story.mjs'
import { words } from './scenes/words.mjs'

const NOW = '2027-01-10T10:00:00+08:00'
const PICTURES = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../target/page')

const scenes = [
  { title: 'words', play: words },
  { title: 'the story in Chinese', play: (around) => story({ ...around, language: 'zh-CN' }) },
  { title: 'the story in English', play: (around) => story({ ...around, language: 'en-GB' }) },
  { title: 'hands', play: hands },
  ...faults,
  { title: 'prepared scenes', play: prepared },
  { title: 'thirty and a thousand', play: crowds },
  { title: 'looks', play: looks },
]

const { values } = parseArgs({
  options: { 'base-port': { type: 'string', default: '9650' }, only: { type: 'string', default: '' } },
})
const basePort = Number(values['base-port'])

let passed = 0
let failed = 0

function check(title, holds, found = '') {
  if (holds) passed += 1
  else failed += 1
  console.log(`  ${holds ? 'ok    ' : 'FAILED'}  ${title}${holds ? '' : `\n          found: ${found}`}`)
}

const same = (title, found, expected) =>
  check(
    title,
    JSON.stringify(found) === JSON.stringify(expected),
    `${JSON.stringify(found)}\n          not:   ${JSON.stringify(expected)}`,
  )

mkdirSync(PICTURES, { recursive: true })
const browser = await Browser.start()
let world = null
process.on('exit', () => world?.kill())

for (const { title, more = [], now = NOW, play } of scenes.filter((scene) => scene.title.includes(values.only))) {
  console.log(title)
  const begun = performance.now()
  const pages = []
  const opens = async (search = '', options = {}) => {
    const page = await browser.opens(`${world.control}/${search}`, options)
    pages.push(page)
    return page
  }
  const picture = (page, name) => page.screenshot({ path: path.join(PICTURES, `${name}.png`) })
  try {
    world = await World.start({ basePort, now, more })
    await play({ world, opens, picture, check, same })
  } catch (error) {
    check('the scene is played to its end', false, error.stack)
    for (const [n, page] of pages.entries())
      await picture(page, `failed-${title.replace(/\W+/g, '-')}-${n}`).catch(() => {})
  } finally {
    for (const page of pages) {
      same('nothing went wrong on the page', page.problems, [])
      await page.context().close()
    }
    await world?.stop()
    world = null
  }
  console.log(`  ${((performance.now() - begun) / 1000).toFixed(1)} s`)
}

await browser.stop()
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed || !passed ? 1 : 0
