// `tsc --strict`: the sources, what is declared of them, and that every platform's own typings fit.

import { tool } from './run.mjs'

const PROJECTS = {
  'tsconfig.json': 'the sources are as they are declared, and misuse does not compile',
  'tsconfig.weixin.json': '`wx` of miniprogram-api-typings is a platform, and the page in TypeScript compiles',
  'tsconfig.uni.json': '`uni` of @dcloudio/types is a platform',
  'tsconfig.taro.json': '`Taro` of @tarojs/taro is a platform',
}

export async function types({ check }) {
  for (const [project, title] of Object.entries(PROJECTS)) {
    const { ok, said } = await tool('tsc', ['--project', project])
    check(title, ok, said)
  }
}
