# Sourced. npm_install FOLDER: installs exactly what the lock file says, unless that was done already.
npm_install() {
  local folder=$1
  if [ ! -f "$folder/node_modules/.installed" ] || [ "$folder/package-lock.json" -nt "$folder/node_modules/.installed" ]; then
    echo "Installing the packages of ${folder/#./$(basename "$PWD")} …"
    (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.installed)
  fi
}
