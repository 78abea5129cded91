// WeChat's own compilers over every page: wcc and wcsc, as in DevTools, and the one of glass-easel. First it is shown that
// each refuses what is wrong.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'

import { SAMPLE } from './run.mjs'

const require = createRequire(import.meta.url)
const wcc = require('miniprogram-compiler/src/wcc.js')
const wcsc = require('miniprogram-compiler/src/wcsc.js')
const { TmplGroup } = require('glass-easel-template-compiler')

export async function compilers({ check, same }) {
  const { pages } = JSON.parse(readFileSync(path.join(SAMPLE, 'app.json'), 'utf8'))
  const folder = mkdtempSync(path.join(os.tmpdir(), 'compilers-'))
  try {
    writeFileSync(path.join(folder, 'bad.wxml'), '<view><text></view>')
    writeFileSync(path.join(folder, 'bad.wxss'), '.a { color: red')
    check(
      'wcc refuses a tag that is not closed',
      failure(() => wcc(folder, ['bad'], [])),
      'it did not',
    )
    check(
      'wcsc refuses a rule that is not closed',
      failure(() => wcsc(folder, ['bad'])),
      'it did not',
    )
    check('glass-easel’s refuses the tag as well', glass('bad', path.join(folder, 'bad.wxml')).length > 0, 'it did not')
  } finally {
    rmSync(folder, { recursive: true })
  }
  same(
    'wcc compiles every page',
    failure(() => wcc(SAMPLE, [...pages], [])),
    null,
  )
  same(
    'wcsc compiles every style',
    failure(() => wcsc(SAMPLE, ['app', ...pages])),
    null,
  )
  for (const page of pages) same(`glass-easel’s compiles ${page}`, glass(page, path.join(SAMPLE, page + '.wxml')), [])
}

/** The error that it threw or, as wcsc does, gave. */
function failure(compile) {
  try {
    const made = compile()
    return made instanceof Error ? made.message : null
  } catch (error) {
    return error.message
  }
}

function glass(name, file) {
  const group = new TmplGroup()
  try {
    return group
      .addTmpl(name, readFileSync(file, 'utf8'))
      .filter(({ level }) => level !== 'Note')
      .map(({ message, startLine }) => `${startLine + 1}: ${message}`)
  } finally {
    group.free()
  }
}
