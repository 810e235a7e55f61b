/** The mark: a pole with one line through it, and the lamp that says "line in use". */
export function Mark({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" style={{ flex: "none", display: "block" }}>
      <rect width="32" height="32" rx="8" fill="#3b55d9" />
      <path d="M11 32V8.5h7a6.5 6.5 0 0 1 0 13M0 21.5h32" fill="none" stroke="#fff" strokeWidth="2.75" />
      <circle cx="17.6" cy="15" r="2.75" fill="#ffc64d" />
    </svg>
  );
}
