# A NixOS module: imports = [ ./nixos-module.nix ]; services.narthex = { enable = true; package = /opt/narthex; … };
# package is the output of deploy/install. Java and PostgreSQL come from nixpkgs, since foreign binaries do not find a dynamic
# linker on NixOS. The systemd settings are those of narthex.service.
{ config, lib, pkgs, ... }:

let
  cfg = config.services.narthex;
  # "stop.limit" is NARTHEX_STOP_LIMIT
  variable = name: "NARTHEX_" + lib.toUpper (lib.replaceStrings [ "." "-" ] [ "_" "_" ] name);
  text = value: if lib.isBool value then lib.boolToString value else toString value;
in
{
  options.services.narthex = {
    enable = lib.mkEnableOption "Narthex, every registry over one store";
    package = lib.mkOption {
      type = lib.types.path;
      description = "The folder that deploy/install made, with serve and quarkus-app in it.";
    };
    java = lib.mkOption {
      type = lib.types.package;
      default = pkgs.jdk25_headless;
      description = "Java 25 or later.";
    };
    database = {
      url = lib.mkOption {
        type = lib.types.str;
        default = "jdbc:postgresql://127.0.0.1/narthex";
        description = "The PostgreSQL database, 17 or later, in which everything but bytes is kept.";
      };
      user = lib.mkOption {
        type = lib.types.str;
        default = "narthex";
        description = "Its owner; the password is QUARKUS_DATASOURCE_PASSWORD in environmentFile.";
      };
    };
    port = lib.mkOption {
      type = lib.types.port;
      default = 8080;
      description = "The port on which it listens; health and metrics are on the next one, on loopback.";
    };
    listen = lib.mkOption {
      type = lib.types.str;
      default = "127.0.0.1";
      description = "The address on which it listens.";
    };
    openFirewall = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Whether others reach the port.";
    };
    settings = lib.mkOption {
      type = lib.types.attrsOf (lib.types.oneOf [ lib.types.str lib.types.int lib.types.bool ]);
      default = { };
      example = { url = "https://narthex.example.org"; "audit.days" = 90; };
      description = "Settings as deploy/run settings lists them, without narthex. before them. Secrets belong into environmentFile: this is readable by everyone.";
    };
    environmentFile = lib.mkOption {
      type = lib.types.nullOr lib.types.path;
      default = null;
      description = "A file of lines like NARTHEX_OIDC_CLIENT_SECRET=…, which only root reads.";
    };
  };

  config = lib.mkIf cfg.enable {
    networking.firewall.allowedTCPPorts = lib.mkIf cfg.openFirewall [ cfg.port ];
    systemd.services.narthex = {
      description = "Narthex, every registry over one store";
      after = [ "network-online.target" "postgresql.service" ];
      wants = [ "network-online.target" ];
      wantedBy = [ "multi-user.target" ];
      environment = {
        JAVA_HOME = "${cfg.java}";
        QUARKUS_DATASOURCE_JDBC_URL = cfg.database.url;
        QUARKUS_DATASOURCE_USERNAME = cfg.database.user;
        NARTHEX_DATA = "/var/lib/narthex";
        QUARKUS_HTTP_HOST = cfg.listen;
        QUARKUS_HTTP_PORT = toString cfg.port;
        NARTHEX_MANAGEMENT_PORT = toString (cfg.port + 1);
      } // lib.mapAttrs' (name: value: lib.nameValuePair (variable name) (text value)) cfg.settings;
      serviceConfig = {
        Type = "exec";
        ExecStart = "${toString cfg.package}/serve ${toString cfg.package}/quarkus-app";
        EnvironmentFile = lib.optional (cfg.environmentFile != null) cfg.environmentFile;
        WorkingDirectory = "/var/lib/narthex";
        Restart = "on-failure";
        KillMode = "mixed";
        SuccessExitStatus = "143";
        TimeoutStopSec = "180";

        User = "narthex";
        DynamicUser = "yes";
        StateDirectory = "narthex";
        StateDirectoryMode = "0700";
        UMask = "0077";
        LimitNOFILE = "65536";

        NoNewPrivileges = "yes";
        CapabilityBoundingSet = "";
        AmbientCapabilities = "";
        ProtectSystem = "strict";
        ProtectHome = "yes";
        PrivateTmp = "yes";
        PrivateDevices = "yes";
        PrivateUsers = "yes";
        ProtectClock = "yes";
        ProtectHostname = "yes";
        ProtectKernelTunables = "yes";
        ProtectKernelModules = "yes";
        ProtectKernelLogs = "yes";
        ProtectControlGroups = "yes";
        ProtectProc = "invisible";
        LockPersonality = "yes";
        RestrictNamespaces = "yes";
        RestrictRealtime = "yes";
        RestrictSUIDSGID = "yes";
        RemoveIPC = "yes";
        RestrictAddressFamilies = "AF_INET AF_INET6 AF_UNIX";
        SystemCallArchitectures = "native";
        SystemCallFilter = "@system-service";
        SystemCallErrorNumber = "EPERM";
      };
    };
  };
}
