// A picture as a mini program names it. A code of WeChat's is drawn from its ticket: it looks like one, and is told apart
// from another one, but no camera reads it; in this world a long press does.

const CELLS = 25
const SVG = 'http://www.w3.org/2000/svg'

export function picture(src) {
  if (/\/showqrcode\b/.test(src) || /^weixin:|\/q\//.test(src)) return code(src)
  const image = new Image()
  image.alt = ''
  if (src) image.src = /^(https?:|data:|\/page\/)/.test(src) ? src : `/mini-program/${src.replace(/^\//, '')}`
  return image
}

function code(text) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', `-2 -2 ${CELLS + 4} ${CELLS + 4}`)
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-label', '二维码')
  const path = document.createElementNS(SVG, 'path')
  path.setAttribute('d', squares(text))
  path.setAttribute('fill', '#111')
  svg.append(path)
  const image = new Image()
  image.alt = '二维码'
  const page = `<svg xmlns="${SVG}" viewBox="${svg.getAttribute('viewBox')}"><rect x="-2" y="-2" width="100%" height="100%" fill="#fff"/><path fill="#111" d="${squares(text)}"/></svg>`
  image.src = `data:image/svg+xml,${encodeURIComponent(page)}`
  return image
}

function squares(text) {
  let seed = 2166136261
  for (const letter of text) seed = Math.imul(seed ^ letter.codePointAt(0), 16777619)
  const next = () => (seed = Math.imul(seed ^ (seed >>> 13), 1274126177) + 1) >>> 30
  const isEye = (x, y) => (x < 8 && y < 8) || (x >= CELLS - 8 && y < 8) || (x < 8 && y >= CELLS - 8)
  let path = ''
  for (let y = 0; y < CELLS; y++)
    for (let x = 0; x < CELLS; x++) if (!isEye(x, y) && next() % 2) path += `M${x} ${y}h1v1h-1z`
  for (const [x, y] of [
    [0, 0],
    [CELLS - 7, 0],
    [0, CELLS - 7],
  ])
    path += `M${x} ${y}h7v7h-7zM${x + 1} ${y + 1}v5h5v-5zM${x + 2} ${y + 2}h3v3h-3z`
  return path
}
