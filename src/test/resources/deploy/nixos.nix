# The few functions of nixpkgs' lib that the module uses, as lib.nix of nixpkgs defines them, and what the module makes with them.
{ module, cfg }:
let
  lib = rec {
    types = { package = "package"; path = "path"; port = "port"; str = "str"; bool = "bool"; int = "int"; attrsOf = of: of; oneOf = of: of; nullOr = of: of; };
    mkOption = option: option;
    mkEnableOption = words: { default = false; description = words; };
    mkIf = condition: content: if condition then content else { };
    isBool = builtins.isBool;
    boolToString = value: if value then "true" else "false";
    replaceStrings = builtins.replaceStrings;
    toUpper = builtins.replaceStrings
      [ "a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s" "t" "u" "v" "w" "x" "y" "z" ]
      [ "A" "B" "C" "D" "E" "F" "G" "H" "I" "J" "K" "L" "M" "N" "O" "P" "Q" "R" "S" "T" "U" "V" "W" "X" "Y" "Z" ];
    nameValuePair = name: value: { inherit name value; };
    mapAttrs' = f: set: builtins.listToAttrs (map (name: f name set.${name}) (builtins.attrNames set));
    optional = condition: value: if condition then [ value ] else [ ];
  };
  pkgs.jdk25_headless = "/nix/store/jdk";
  default = option: if option ? type || option ? default then option.default or null else builtins.mapAttrs (name: default) option;
  defaults = builtins.mapAttrs (name: default) (module { config = { }; inherit lib pkgs; }).options.services.narthex;
in
(module { config.services.narthex = defaults // cfg; inherit lib pkgs; }).config
