// How it looks and reads: every panel in both languages, both themes, wide and narrow; what axe finds; the keyboard.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import { Hand } from '../hand.mjs'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const SERIOUS = new Set(['serious', 'critical'])
const PANELS = ['why', 'scenes', 'mischief', 'behind']

/** What axe finds serious, on the page and in the phone's frame. */
async function found(page) {
  for (const frame of page.frames()) await frame.evaluate(AXE)
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
  const serious = violations.filter((one) => SERIOUS.has(one.impact))
  return serious.map(({ id, nodes }) => `${id}: ${nodes[0].target.join(' ')} ${nodes[0].failureSummary}`)
}

export async function looks({ opens, picture, check, same }) {
  for (const [language, theme, isNarrow] of [
    ['zh-CN', 'light', false],
    ['en-GB', 'dark', false],
    ['zh-CN', 'dark', true],
    ['en-GB', 'light', true],
  ]) {
    const name = `${language.slice(0, 2)}-${theme}${isNarrow ? '-narrow' : ''}`
    const page = await opens('', { language, theme, isNarrow })
    const hand = new Hand(page, language)
    await page.locator('.open-app, .welcome button').first().waitFor({ state: 'attached' })
    if (isNarrow) await page.locator('#tabs [data-key=phone]').click()
    if (await page.locator('.welcome').isVisible()) await hand.picksUp()
    await page.locator('.open-app').waitFor()
    same(`axe on the list of chats, ${name}`, await found(page), [])
    await picture(page, `looks-chats-${name}`)
    await hand.opensApp()
    await hand.app.locator('wx-button[type=primary]').waitFor()
    if (!isNarrow && language === 'zh-CN') {
      await hand.adds('护照', '2027-03-01')
      await hand.app.getByText('护照').first().waitFor()
    }
    same(`axe on the mini program, ${name}`, await found(page), [])
    await picture(page, `looks-app-${name}`)
    for (const panel of PANELS) {
      if (isNarrow) await page.locator(`#tabs [data-key=${panel}]`).click()
      else await hand.tab(panel)
      await page.waitForTimeout(400)
      same(`axe on ${panel}, ${name}`, await found(page), [])
      await picture(page, `looks-${panel}-${name}`)
    }
    const { width, scroll } = await page.evaluate(() => ({
      width: innerWidth,
      scroll: document.documentElement.scrollWidth,
    }))
    check(`nothing sticks out at the side, ${name}`, scroll <= width, `${scroll} of ${width}`)
  }
  await keyboard({ opens, check })
}

/** The mini program by keyboard alone. */
async function keyboard({ opens, check }) {
  const page = await opens()
  const hand = new Hand(page)
  await page.locator('.open-app').focus()
  await page.keyboard.press('Enter')
  await hand.app.locator('wx-button[type=primary]').focus()
  await page.keyboard.press('Enter')
  await hand.app.locator('input[type=date]').waitFor()
  check('a button of the mini program takes Enter', true)
}
