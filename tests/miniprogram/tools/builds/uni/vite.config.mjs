import uni from '@dcloudio/vite-plugin-uni'
import { defineConfig } from 'vite'

export default defineConfig({ logLevel: 'warn', plugins: [(uni.default ?? uni)()] })
