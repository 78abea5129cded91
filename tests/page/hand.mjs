// Somebody's hand on the page: it knows the words of the language it reads, and taps.

import { en } from '../simulator/page/js/words/en.mjs'
import { zh } from '../simulator/page/js/words/zh.mjs'

/** News are told a moment later. */
const SETTLES_MS = 500

export class Hand {
  constructor(page, language = 'zh-CN') {
    this.page = page
    this.words = language.startsWith('zh') ? zh : en
    /** Of the mini program only the page in front. */
    this.app = page.frameLocator('#phone iframe').locator('body > div:not([hidden])')
    this.device = page.locator('.device')
  }

  word(name, ...about) {
    return this.words[name].replace(/\{(\d)\}/g, (_, n) => about[Number(n)])
  }

  button(name, ...about) {
    return this.page.getByRole('button', { name: this.word(name, ...about), exact: true })
  }

  picksUp() {
    return this.button('pick_up').click()
  }

  opensApp() {
    return this.device.locator('.open-app').click()
  }

  tab(name) {
    return this.page.getByRole('tab', { name: this.word(`panel_${name}`) }).click()
  }

  /** Fills in the form of the sample and saves it; the prompt is answered. */
  async adds(title, date, answer = 'allow') {
    await this.app.locator('wx-button[type=primary]').click()
    await this.app.locator('wx-input input').first().fill(title)
    await this.app.locator('input[type=date]').fill(date)
    await this.app.locator('wx-button[type=primary]').click()
    await this.device
      .getByRole('dialog')
      .getByRole('button', { name: this.word(answer), exact: true })
      .click()
  }

  /** Until everything on the way has happened. */
  async nextPush() {
    const isClock = (answer) => answer.url().endsWith('/sim/clock') && answer.request().method() === 'POST'
    const passed = this.page.waitForResponse(isClock, { timeout: 60_000 })
    await this.button('next_push').first().click()
    await passed
    await this.page.waitForTimeout(SETTLES_MS)
  }

  /** Sets one up, and waits until it is. */
  async scene(name) {
    await this.tab('scenes')
    await this.page.locator(`.scenes [data-key=${name}]`).click()
    const isSet = this.word('is_set', this.word(`scene_${name}`))
    await this.page.locator('#note').getByText(isSet, { exact: true }).waitFor({ timeout: 120_000 })
  }

  why() {
    return this.page.locator('.panel-body.why')
  }
}
