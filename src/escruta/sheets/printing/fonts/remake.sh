#!/bin/sh
# Make these fonts again: remake.sh FOLDER, where FOLDER holds the files of Debian's package fonts-noto-core
# (20201225-1, usr/share/fonts/truetype/noto). Needs pyftsubset of fonttools 4.68.
set -eu
from=$1
to=$(dirname "$0")
# Latin with its marks, Greek, Cyrillic, punctuation, currencies: what names in these scripts are written with.
latin="U+0020-007E,U+00A0-024F,U+0259,U+02B9-02DD,U+0300-0333,U+0338,U+0370-03FF,U+0400-052F,U+1E00-1EFF,U+2000-206F"
latin="$latin,U+2070-209C,U+20A0-20BF,U+2100-2122,U+2190-2193,U+2212,U+2215,U+25CC,U+2C60-2C7F"
for weight in Regular Bold; do
  pyftsubset "$from/NotoSans-$weight.ttf" --output-file="$to/NotoSans-$weight.ttf" --unicodes="$latin" \
    --layout-features='*' --no-hinting --desubroutinize --drop-tables+=FFTM
  for script in Arabic Armenian Bengali Devanagari Ethiopic Georgian Gujarati Gurmukhi Hebrew Kannada Khmer Lao \
    Malayalam Myanmar Oriya Sinhala Tamil Telugu Thai; do
    pyftsubset "$from/NotoSans$script-$weight.ttf" --output-file="$to/NotoSans$script-$weight.ttf" --unicodes='*' \
      --layout-features='*' --no-hinting
  done
done
