import { defineConfig } from 'vite'

// One file, in the form that a mini program requires.
export default defineConfig({
  logLevel: 'warn',
  build: { lib: { entry: 'main.js', formats: ['cjs'], fileName: () => 'main.cjs' }, minify: true, target: 'es2018' },
})
