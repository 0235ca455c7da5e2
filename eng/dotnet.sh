# Sourced by ./twite and ./test: makes sure that the .NET SDK is there, or says how to get it.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

# Exits with 3 and a way out when no .NET 10 SDK can be found.
require_dotnet() {
  if ! command -v dotnet >/dev/null 2>&1 && [[ -x "$HOME/.dotnet/dotnet" ]]; then
    export PATH="$HOME/.dotnet:$PATH" DOTNET_ROOT="$HOME/.dotnet"
  fi
  if command -v dotnet >/dev/null 2>&1 && dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
    return 0
  fi
  cat >&2 <<'HOWTO'
Twite is built with the .NET 10 SDK, which is not on this machine. To get it:

  Debian 12 or 13:
    wget https://packages.microsoft.com/config/debian/$(. /etc/os-release; echo $VERSION_ID)/packages-microsoft-prod.deb
    sudo dpkg -i packages-microsoft-prod.deb
    sudo apt-get update && sudo apt-get install -y dotnet-sdk-10.0
  Ubuntu:        sudo apt-get update && sudo apt-get install -y dotnet-sdk-10.0
  Fedora:        sudo dnf install dotnet-sdk-10.0
  macOS:         brew install --cask dotnet-sdk
  without root:  wget https://dot.net/v1/dotnet-install.sh && bash dotnet-install.sh --channel 10.0
  anything else: https://dotnet.microsoft.com/download/dotnet/10.0

Then run this again.
HOWTO
  exit 3
}
