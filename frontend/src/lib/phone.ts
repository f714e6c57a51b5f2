/** A number as people write it. `9` after +54 is how mobile phones are called from abroad. */
export function showPhone(phone: string | null | undefined): string {
  const digits = digitsOf(phone);
  if (!digits) return '';
  if (digits.startsWith('54')) return argentinian(digits);
  if (digits.startsWith('55') && digits.length >= 12) {
    const local = digits.slice(4);
    return `+55 ${digits.slice(2, 4)} ${local.slice(0, -4)}-${local.slice(-4)}`;
  }
  if (digits.startsWith('1') && digits.length === 11) {
    return `+1 ${digits.slice(1, 4)} ${digits.slice(4, 7)}-${digits.slice(7)}`;
  }
  return `+${digits.slice(0, 2)} ${groups(digits.slice(2))}`;
}

function argentinian(digits: string): string {
  const isMobile = digits.startsWith('549');
  const local = digits.slice(isMobile ? 3 : 2);
  if (local.length !== 10) return `+54 ${isMobile ? '9 ' : ''}${groups(local)}`;
  // Buenos Aires alone has two digits before the number; elsewhere three is the usual length.
  const area = local.startsWith('11') ? 2 : 3;
  return `+54 ${isMobile ? '9 ' : ''}${local.slice(0, area)} ${local.slice(area, -4)}-${local.slice(-4)}`;
}

const groups = (digits: string): string => digits.replace(/(\d{3})(?=\d{2,})/g, '$1 ').trim();

export const digitsOf = (text: string | null | undefined): string => (text ?? '').replace(/\D/g, '');

/** What goes onto the clipboard. */
export const e164 = (phone: string): string => `+${digitsOf(phone)}`;
