import { useEffect, useState } from 'react'

/** Seconds that are left to wait. `start` begins anew. */
export function useCountdown(): [left: number, start: (seconds: number) => void] {
  const [end, setEnd] = useState(0)
  const [now, setNow] = useState(0)
  const left = Math.max(0, Math.ceil((end - now) / 1000))
  useEffect(() => {
    if (left === 0) {
      return
    }
    const timer = setTimeout(() => setNow(Date.now()), 250)
    return () => clearTimeout(timer)
  }, [left, now])
  return [
    left,
    (seconds) => {
      setNow(Date.now())
      setEnd(Date.now() + seconds * 1000)
    },
  ]
}
