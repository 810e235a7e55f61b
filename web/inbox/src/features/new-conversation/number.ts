/** A typed number in E.164, or null where it can't be one. North American numbers may leave out the +1. */
export function dialable(typed: string, region: string): string | null {
  const digits = typed.replace(/\D/g, "");
  if (typed.trim().startsWith("+")) return /^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : null;
  if (typed.trim().startsWith("00")) return /^00[1-9]\d{6,14}$/.test(digits) ? `+${digits.slice(2)}` : null;
  if (region !== "US" && region !== "CA") return null;
  const national = digits.length === 11 && digits.startsWith("1") ? digits.slice(1) : digits;
  return /^[2-9]\d{2}[2-9]\d{6}$/.test(national) ? `+1${national}` : null;
}
