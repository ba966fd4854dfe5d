package gsm

// latinBase holds, for each letter from U+00C0 to U+024F, the plain letter that it is built on; a space is none.
const latinBase = "" +
	"AAAA    E EEIIIID OOOO   UUU Y   aaa   c  ee iiid  ooo    uu y y" +
	"AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi  JjKkkLlLlLlL" +
	"lLlNnNnNn NnOoOo    RrRrRrSsSsSsSsTtTtTtUuUuUuUu  UuWwYyYZzZzZzs" +
	"bBBb   CcDDDd    FfG   IKkl  Nn Oo  Pp     tTtTUu VYyZz         " +
	"             AaIiOoUu           Aa  GgGgKkOoOo  j   Gg  Nn      " +
	"AaAaEeEeIiIiOoOoRrRrUuUuSsTt  Hh d  ZzAaEe  OoOoOoYylntj  ACcLTs" +
	"z  BU EeJjQqRrYy"

// latinAdditionalBase holds the same for U+1E00 to U+1EFF.
const latinAdditionalBase = "" +
	"AaBbBbBb cDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMm" +
	"MmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVv" +
	"WwWwWwWwWwXxXxYyZzZzZzhtwyasss  AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEe" +
	"EeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy    Yy"

// latinNear holds the Latin letters whose near form is another letter of GSM-7 or takes several.
var latinNear = map[rune]string{
	'Þ': "Th", 'þ': "th", 'Ĳ': "IJ", 'ĳ': "ij", 'ŉ': "'n", 'Ő': "Ö", 'ő': "ö", 'Œ': "OE",
	'œ': "oe", 'Ű': "Ü", 'ű': "ü", 'Ǆ': "DZ", 'ǅ': "Dz", 'ǆ': "dz", 'Ǉ': "LJ", 'ǈ': "Lj",
	'ǉ': "lj", 'Ǌ': "NJ", 'ǋ': "Nj", 'ǌ': "nj", 'Ǖ': "Ü", 'ǖ': "ü", 'Ǘ': "Ü", 'ǘ': "ü",
	'Ǚ': "Ü", 'ǚ': "ü", 'Ǜ': "Ü", 'ǜ': "ü", 'Ǟ': "Ä", 'ǟ': "ä", 'Ǣ': "Æ", 'ǣ': "æ",
	'Ǳ': "DZ", 'ǲ': "Dz", 'ǳ': "dz", 'Ǻ': "Å", 'ǻ': "å", 'Ǽ': "Æ", 'ǽ': "æ", 'Ǿ': "Ø",
	'ǿ': "ø", 'Ȫ': "Ö", 'ȫ': "ö", 'ȸ': "db", 'ȹ': "qp", 'Ḉ': "Ç", 'ẞ': "SS",
}
